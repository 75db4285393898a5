// One process at a time in a run folder.
// Private to store/. Not thread-safe.
#pragma once

#include <filesystem>

#include "base/expected.h"

namespace nacre::store_internal {

// Holds flock(2) on <folder>/lock, whose text is the owner's process id. The kernel releases it
// when the owner dies, however it dies: there is no stale lock to clean up, and the file itself
// stays. Children do not inherit it across exec.
class RunLock {
 public:
  // Error kUsage when another process (named by its id) or another Run of this process holds it;
  // kInternal when the file cannot be written.
  static Expected<RunLock> Take(const std::filesystem::path& folder);
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&& other) noexcept;
  ~RunLock();

 private:
  explicit RunLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace nacre::store_internal
