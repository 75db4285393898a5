#include "store/write_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "store/run.h"

namespace nacre {
namespace {

const char* Cure(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ": free some space on that disk and resume";
    case EROFS:
    case EACCES:
    case EPERM:
      return ": choose a folder that can be written";
    default:
      return "";
  }
}

// 0, or errno.
int WriteAndSync(const std::filesystem::path& path, std::string_view bytes) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return errno;
  int failure = 0;
  while (failure == 0 && !bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count > 0) bytes.remove_prefix(static_cast<size_t>(count));
    if (count == 0) failure = ENOSPC;
    if (count < 0 && errno != EINTR) failure = errno;
  }
  if (failure == 0 && fsync(descriptor) != 0) failure = errno;
  if (close(descriptor) != 0 && failure == 0) failure = errno;
  return failure;
}

}  // namespace

tl::unexpected<Error> WriteFailure(const std::filesystem::path& path, int error_number) {
  return Fail(ErrorKind::kInternal, fmt::format("cannot write {}: {}{}", path.string(),
                                                std::strerror(error_number), Cure(error_number)));
}

Expected<void> SyncFolder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return WriteFailure(folder, errno);
  const int failure = fsync(descriptor) != 0 ? errno : 0;
  close(descriptor);
  // Some file systems know no sync of a folder; there the rename is as good as it gets.
  if (failure != 0 && failure != EINVAL) return WriteFailure(folder, failure);
  return {};
}

Expected<void> WriteFileAtomically(const std::filesystem::path& path, const std::string& bytes) {
  static std::atomic<int> serial = 0;
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

}  // namespace nacre
