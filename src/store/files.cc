#include "store/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "store/run.h"

namespace nacre {
namespace {

// A file descriptor that closes itself.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

tl::unexpected<Error> Failed(const std::filesystem::path& path, const char* doing) {
  const char* cure =
      errno == ENOSPC || errno == EDQUOT || errno == EFBIG  ? "; free some space and resume"
      : errno == EROFS || errno == EACCES || errno == EPERM ? "; choose a writable folder"
                                                            : "";
  return Fail(ErrorKind::kInternal,
              fmt::format("cannot {} {}: {}{}", doing, path.string(), std::strerror(errno), cure));
}

bool WriteAll(int fd, const std::string& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t wrote = write(fd, bytes.data() + at, bytes.size() - at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    at += static_cast<size_t>(wrote);
  }
  return true;
}

void SyncFolder(const std::filesystem::path& folder) {
  const Descriptor file{open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (file.fd >= 0) fsync(file.fd);
}

}  // namespace

Expected<void> WriteFileAtomically(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{}.part", getpid());
  {
    const Descriptor file{open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (file.fd < 0) return Failed(path, "write");
    if (!WriteAll(file.fd, bytes) || fsync(file.fd) != 0) {
      const auto failure = Failed(path, "write");
      unlink(temporary.c_str());
      return failure;
    }
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const auto failure = Failed(path, "replace");
    unlink(temporary.c_str());
    return failure;
  }
  SyncFolder(path.has_parent_path() ? path.parent_path() : ".");
  return {};
}

Expected<std::string> ReadWholeFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return Fail(ErrorKind::kInternal,
                fmt::format("cannot read {}: the run is damaged", path.string()));
  }
  return std::move(text).str();
}

Expected<void> AppendLine(const std::filesystem::path& path, const std::string& line) {
  const Descriptor file{open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
  if (file.fd < 0 || !WriteAll(file.fd, line + "\n")) return Failed(path, "append to");
  return {};
}

Expected<FileLock> FileLock::Take(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return Failed(path, "write");
  FileLock lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    char owner[32] = {};
    if (pread(fd, owner, sizeof owner - 1, 0) <= 0) owner[0] = '\0';
    return Fail(ErrorKind::kUsage,
                fmt::format("{} is in use by process {}: wait for it, or give another --out",
                            path.parent_path().string(), owner[0] ? owner : "?"));
  }
  const std::string pid = fmt::format("{}", getpid());
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0)
    return Failed(path, "write");
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace nacre
