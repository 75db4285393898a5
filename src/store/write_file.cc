#include "store/write_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace nacre {
namespace {

const char* FindRemedy(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ": free some space on that disk and resume";
    case EROFS:
    case EACCES:
    case EPERM:
      return ": choose a folder that can be written";
    case ELOOP:
      return ": nothing is written through a symbolic link; remove it";
    default:
      return "";
  }
}

// Writes once, or again as long as a signal comes first. Returns the bytes written, or -1 and
// errno.
ssize_t WriteOnce(int descriptor, std::string_view bytes) {
  ssize_t count = 0;
  do {
    count = write(descriptor, bytes.data(), bytes.size());
  } while (count < 0 && errno == EINTR);
  return count;
}

// Returns 0 or errno. Nothing written at all is taken for a full disk.
int WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = WriteOnce(descriptor, bytes);
    if (count < 0) return errno;
    if (count == 0) return ENOSPC;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return 0;
}

// Returns 0 or errno. Close is checked too: network file systems report a full disk there.
int WriteAndSync(const std::filesystem::path& path, std::string_view bytes) {
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
  const int descriptor = open(path.c_str(), flags, 0644);
  if (descriptor < 0) return errno;
  int failure = WriteAll(descriptor, bytes);
  if (failure == 0 && fsync(descriptor) != 0) failure = errno;
  if (close(descriptor) != 0 && failure == 0) failure = errno;
  return failure;
}

}  // namespace

tl::unexpected<Error> WriteFailure(const std::filesystem::path& path, int error_number) {
  return Fail(ErrorKind::kInternal,
              fmt::format("cannot write {}: {}{}", path.string(), std::strerror(error_number),
                          FindRemedy(error_number)));
}

Expected<void> SyncFolder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return WriteFailure(folder, errno);
  const int failure = fsync(descriptor) != 0 ? errno : 0;
  close(descriptor);
  // Some file systems cannot sync a folder; there the rename is as safe as it gets.
  if (failure != 0 && failure != EINVAL) return WriteFailure(folder, failure);
  return {};
}

Expected<void> WriteFileAtomically(const std::filesystem::path& path, const std::string& bytes) {
  static std::atomic<int> serial = 0;  // two threads may write the same path
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{}-{}.tmp", getpid(), serial.fetch_add(1));
  int failure = WriteAndSync(temporary, bytes);
  if (failure == 0 && rename(temporary.c_str(), path.c_str()) != 0) failure = errno;
  if (failure != 0) {
    unlink(temporary.c_str());
    return WriteFailure(path, failure);
  }
  return SyncFolder(path.has_parent_path() ? path.parent_path() : ".");
}

Expected<void> AppendToFile(const std::filesystem::path& path, std::string_view bytes) {
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
  const int descriptor = open(path.c_str(), flags, 0644);
  if (descriptor < 0) return WriteFailure(path, errno);
  const ssize_t count = WriteOnce(descriptor, bytes);
  int failure = 0;
  if (count < 0) failure = errno;
  if (count >= 0 && count < static_cast<ssize_t>(bytes.size())) failure = ENOSPC;
  close(descriptor);
  if (failure != 0) return WriteFailure(path, failure);
  return {};
}

}  // namespace nacre
