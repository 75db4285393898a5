// Files that are either whole or not there. Private to this folder, but for WriteFileAtomically
// (run.h).
#pragma once

#include <filesystem>
#include <string>

#include "base/expected.h"

namespace nacre {

Expected<std::string> ReadWholeFile(const std::filesystem::path& path);
// One write(2), so that lines of two writers never mix.
Expected<void> AppendLine(const std::filesystem::path& path, const std::string& line);

// An exclusive lock on a file that ends with the process, however it ends; the owner's pid is
// written into it.
class FileLock {
 public:
  static Expected<FileLock> Take(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace nacre
