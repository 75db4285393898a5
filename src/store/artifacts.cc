#include "store/artifacts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/hash.h"
#include "store/write_file.h"

namespace nacre::store_internal {
namespace {

namespace fs = std::filesystem;

// Only hashes name artifacts: no other text, such as "../run.db", may reach the file system.
bool IsHash(const std::string& text) {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

Expected<void> Artifacts::Prepare() {
  std::error_code error;
  if (fs::is_symlink(folder_, error)) return WriteFailure(folder_, ELOOP);
  fs::create_directories(folder_, error);
  if (error) return WriteFailure(folder_, error.value());
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->path().extension() == ".tmp") fs::remove(entry->path(), ignored);
  }
  return {};
}

bool Artifacts::Has(const std::string& hash) const {
  std::error_code ignored;
  return IsHash(hash) && fs::is_regular_file(folder_ / hash, ignored);
}

Expected<std::string> Artifacts::Put(const std::string& bytes) {
  const std::string hash = HashBytes(bytes);
  // One that is there but damaged is written again.
  if (Has(hash) && Get(hash)) return hash;
  NACRE_CHECK_OK(WriteFileAtomically(folder_ / hash, bytes));
  return hash;
}

Expected<std::string> Artifacts::Get(const std::string& hash) const {
  if (!IsHash(hash))
    return Fail(ErrorKind::kInternal, fmt::format("'{}' is not an artifact hash", hash));
  std::ifstream file(folder_ / hash, std::ios::binary);
  if (!file) {
    return Fail(ErrorKind::kInternal,
                fmt::format("artifact {} is missing: start afresh in another folder",
                            (folder_ / hash).string()));
  }
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (HashBytes(bytes) == hash) return bytes;
  return Fail(ErrorKind::kInternal,
              fmt::format("artifact {} is damaged: start afresh in another folder",
                          (folder_ / hash).string()));
}

}  // namespace nacre::store_internal
