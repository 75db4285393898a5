#include "base/read_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace nacre {

Expected<std::string> ReadWholeFile(const std::filesystem::path& path) {
  const auto failed = [](const char* what) {
    return Fail(ErrorKind::kData, std::string(what) + ": " + std::strerror(errno));
  };
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!file) return failed("cannot be opened");
  std::string bytes;
  char buffer[65536];
  while (const size_t count = std::fread(buffer, 1, sizeof buffer, file.get()))
    bytes.append(buffer, count);
  if (std::ferror(file.get()) != 0) return failed("cannot be read");
  return bytes;
}

}  // namespace nacre
