#include "onnx/external_data.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace nacre::onnx_internal {
namespace {

constexpr uint64_t kMostInAll = uint64_t{1} << 31;   // what a protobuf message can hold
constexpr uint64_t kMostTwice = uint64_t{16} << 20;  // bytes of small files that may be read often

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

Expected<uint64_t> Number(const std::map<std::string, std::string>& entries, const std::string& key,
                          uint64_t otherwise, const std::string& subject) {
  const auto found = entries.find(key);
  if (found == entries.end()) return otherwise;
  uint64_t number = 0;
  const char* end = found->second.data() + found->second.size();
  const auto [at, failure] = std::from_chars(found->second.data(), end, number);
  if (failure != std::errc() || at != end) {
    return Fail(ErrorKind::kModel, subject + " with the " + key + " '" + found->second +
                                       "', which is no number; save the model again");
  }
  return number;
}

// The parts of a path below the folder; none where it leaves the folder or names no file.
std::vector<std::string> PartsOf(const std::string& location) {
  const std::filesystem::path path = location;
  if (path.is_absolute() || location.find('\0') != std::string::npos) return {};
  std::vector<std::string> parts;
  for (const auto& part : path) {
    if (part == ".." || part.empty()) return {};
    if (part != ".") parts.push_back(part.string());
  }
  return parts;
}

// What is wrong with a part that could not be opened, with the cure.
std::string WhyNotOpened(int error_number, bool is_file) {
  if (error_number == ELOOP) {
    return "which is a symbolic link; put the file itself beside the model";
  }
  if (error_number == ENOTDIR && !is_file) {
    return "which leads through a symbolic link or a file; put a folder of files beside the model";
  }
  return "which cannot be read (" + std::string(std::strerror(error_number)) +
         "); copy that file beside the model";
}

// Opens folder by folder, so that no link is followed. O_NONBLOCK: a pipe would wait for a writer.
Expected<Descriptor> OpenBelow(const std::filesystem::path& folder,
                               const std::vector<std::string>& parts, const std::string& subject) {
  Descriptor at(open(folder.empty() ? "." : folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (size_t i = 0; at.is_open() && i < parts.size(); ++i) {
    const bool is_file = i + 1 == parts.size();
    const int flags = is_file ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
    Descriptor next(openat(at.number(), parts[i].c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    if (!next.is_open()) {
      return Fail(ErrorKind::kModel, subject + ", " + WhyNotOpened(errno, is_file));
    }
    at = std::move(next);
  }
  if (!at.is_open()) return Fail(ErrorKind::kModel, subject + ", " + WhyNotOpened(errno, false));
  return at;
}

// The size of an open file that is a file and nothing else.
Expected<uint64_t> SizeOf(const Descriptor& file, const std::string& subject) {
  struct stat status;
  if (fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return Fail(ErrorKind::kModel, subject + ", which is no file; save the model again");
  }
  if (status.st_nlink > 1) {
    return Fail(ErrorKind::kModel, subject +
                                       ", which has a second name elsewhere (a hard link); put a "
                                       "copy of it beside the model");
  }
  return static_cast<uint64_t>(status.st_size);
}

Expected<std::vector<std::byte>> ReadAt(const Descriptor& file, uint64_t offset, uint64_t length,
                                        const std::string& subject) {
  std::vector<std::byte> bytes(length);
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = pread(file.number(), bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return Fail(ErrorKind::kModel, subject + ", which cannot be read to its end; copy it again");
    }
    done += static_cast<size_t>(count);
  }
  return bytes;
}

}  // namespace

Expected<void> ExternalData::Spend(const std::string& subject, const std::string& location,
                                   uint64_t length, uint64_t size) {
  uint64_t& read = read_[location];
  const uint64_t most = 2 * std::min(size, kMostInAll) + kMostTwice;
  if (length > most - std::min(most, read)) {
    return Fail(ErrorKind::kModel,
                subject +
                    ", to which other weights point again and again; save the model so that "
                    "every initializer has bytes of its own");
  }
  if (length > kMostInAll - std::min(kMostInAll, read_in_all_)) {
    return Fail(ErrorKind::kModel, subject +
                                       ", with which the model has more than the 2 GB that nacre "
                                       "can write; give a smaller model");
  }
  read += length;
  read_in_all_ += length;
  return {};
}

Expected<std::vector<std::byte>> ExternalData::Read(const proto::TensorProto& tensor,
                                                    std::optional<uint64_t> wanted) {
  // Only the keys that ONNX names are looked at.
  std::map<std::string, std::string> entries;
  for (const auto& entry : tensor.external_data()) entries[entry.key()] = entry.value();
  const std::string& location = entries["location"];
  const std::vector<std::string> parts = PartsOf(location);
  const std::string weights = "the weights '" + tensor.name() + "'";
  if (parts.empty()) {
    return Fail(ErrorKind::kModel, weights + " point to '" + location +
                                       "' outside the model's folder; save the model with its "
                                       "data beside it");
  }
  const std::string subject = weights + " lie in '" + (folder_ / location).string() + "'";
  NACRE_TRY(const Descriptor file, OpenBelow(folder_, parts, subject));
  NACRE_TRY(const uint64_t size, SizeOf(file, subject));
  NACRE_TRY(const uint64_t offset, Number(entries, "offset", 0, subject));
  NACRE_TRY(const uint64_t length,
            Number(entries, "length", size - std::min(offset, size), subject));
  if (offset > size || length > size - offset) {
    return Fail(ErrorKind::kModel,
                subject + " and end behind its end; the file is truncated, copy it again");
  }
  if (wanted && length != *wanted) {
    return Fail(ErrorKind::kModel, subject + " as " + std::to_string(length) + " bytes, but are " +
                                       std::to_string(*wanted) + "; export the model again");
  }
  NACRE_CHECK_OK(Spend(subject, location, length, size));
  return ReadAt(file, offset, length, subject);
}

Expected<void> ExternalData::Inline(proto::TensorProto& tensor) {
  if (tensor.data_location() != proto::TensorProto::EXTERNAL) return {};
  NACRE_TRY(const std::vector<std::byte> bytes, Read(tensor));
  tensor.set_raw_data(bytes.data(), bytes.size());
  tensor.clear_external_data();
  tensor.clear_data_location();
  return {};
}

Expected<void> ExternalData::InlineSparse(nacre_onnx::SparseTensorProto& sparse) {
  if (sparse.has_values()) NACRE_CHECK_OK(Inline(*sparse.mutable_values()));
  if (sparse.has_indices()) NACRE_CHECK_OK(Inline(*sparse.mutable_indices()));
  return {};
}

Expected<void> ExternalData::InlineGraph(proto::GraphProto& graph) {
  for (auto& sparse : *graph.mutable_sparse_initializer()) NACRE_CHECK_OK(InlineSparse(sparse));
  for (auto& tensor : *graph.mutable_initializer()) NACRE_CHECK_OK(Inline(tensor));
  for (auto& node : *graph.mutable_node()) NACRE_CHECK_OK(Inline(node));
  return {};
}

Expected<void> ExternalData::Inline(proto::NodeProto& node) {
  for (auto& attribute : *node.mutable_attribute()) {
    if (attribute.has_t()) NACRE_CHECK_OK(Inline(*attribute.mutable_t()));
    if (attribute.has_sparse_tensor()) {
      NACRE_CHECK_OK(InlineSparse(*attribute.mutable_sparse_tensor()));
    }
    for (auto& sparse : *attribute.mutable_sparse_tensors()) NACRE_CHECK_OK(InlineSparse(sparse));
    for (auto& tensor : *attribute.mutable_tensors()) NACRE_CHECK_OK(Inline(tensor));
    if (attribute.has_g()) NACRE_CHECK_OK(InlineGraph(*attribute.mutable_g()));
    for (auto& graph : *attribute.mutable_graphs()) NACRE_CHECK_OK(InlineGraph(graph));
  }
  return {};
}

}  // namespace nacre::onnx_internal
