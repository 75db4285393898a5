#include "store/cache.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "store/write_file.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

int64_t LinesIn(const fs::path& file) {
  std::ifstream stream(file);
  return std::count(std::istreambuf_iterator<char>(stream), {}, '\n');
}

}  // namespace

fs::path CacheFolder() {
  if (IsSet("NACRE_CACHE")) return std::getenv("NACRE_CACHE");
  if (IsSet("XDG_CACHE_HOME")) return fs::path(std::getenv("XDG_CACHE_HOME")) / "nacre";
  return fs::path(IsSet("HOME") ? std::getenv("HOME") : "/tmp") / ".cache" / "nacre";
}

Expected<int64_t> CountLook(const std::string& images_hash, const std::string& who) {
  const fs::path file = CacheFolder() / "looks" / images_hash;
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) return WriteFailure(file.parent_path(), error.value());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  NACRE_CHECK_OK(AppendToFile(file, std::to_string(seconds) + " " + who + "\n"));
  return LinesIn(file);
}

}  // namespace nacre
