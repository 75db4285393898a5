#include "store/run_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "store/write_file.h"

namespace nacre::store_internal {
namespace {

std::string Owner(int descriptor) {
  char text[32] = {};
  const ssize_t count = pread(descriptor, text, sizeof text - 1, 0);
  std::string owner(text, count > 0 ? static_cast<size_t>(count) : 0);
  while (!owner.empty() && owner.back() == '\n') owner.pop_back();
  return owner.empty() ? "unknown" : owner;
}

}  // namespace

Expected<RunLock> RunLock::Take(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "lock";
  RunLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (lock.descriptor_ < 0) return WriteFailure(path, errno);
  if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return WriteFailure(path, errno);
    return Fail(
        ErrorKind::kUsage,
        fmt::format(
            "run folder {} is in use by process {}: wait for it, stop it, or choose another "
            "folder",
            folder.string(), Owner(lock.descriptor_)));
  }
  const std::string owner = fmt::format("{}\n", getpid());
  if (ftruncate(lock.descriptor_, 0) != 0 || pwrite(lock.descriptor_, owner.data(), owner.size(),
                                                    0) != static_cast<ssize_t>(owner.size())) {
    return WriteFailure(path, errno);
  }
  return lock;
}

RunLock::RunLock(RunLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

RunLock& RunLock::operator=(RunLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

RunLock::~RunLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace nacre::store_internal
