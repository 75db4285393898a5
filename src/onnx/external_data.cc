#include "onnx/external_data.h"

#include <charconv>
#include <fstream>
#include <map>
#include <string>

namespace nacre::onnx_internal {
namespace {

Expected<uint64_t> Number(const std::map<std::string, std::string>& entries, const std::string& key,
                          uint64_t otherwise) {
  const auto found = entries.find(key);
  if (found == entries.end()) return otherwise;
  uint64_t number = 0;
  const char* end = found->second.data() + found->second.size();
  const auto [at, failure] = std::from_chars(found->second.data(), end, number);
  if (failure != std::errc() || at != end) {
    return Fail(ErrorKind::kModel, "external data with " + key + " '" + found->second +
                                       "', which is no number; save the model again");
  }
  return number;
}

bool LeavesFolder(const std::filesystem::path& location) {
  if (location.empty() || location.is_absolute()) return true;
  for (const auto& part : location) {
    if (part == "..") return true;
  }
  return false;
}

Expected<void> InlineGraph(proto::GraphProto& graph, const std::filesystem::path& folder) {
  for (auto& tensor : *graph.mutable_initializer()) {
    NACRE_CHECK_OK(InlineExternalData(tensor, folder));
  }
  for (auto& node : *graph.mutable_node()) NACRE_CHECK_OK(InlineExternalData(node, folder));
  return {};
}

}  // namespace

Expected<std::vector<std::byte>> ReadExternalData(const proto::TensorProto& tensor,
                                                  const std::filesystem::path& folder) {
  std::map<std::string, std::string> entries;
  for (const auto& entry : tensor.external_data()) entries[entry.key()] = entry.value();
  const std::string subject = "the weights '" + tensor.name() + "'";
  const std::filesystem::path location = entries["location"];
  if (LeavesFolder(location)) {
    return Fail(ErrorKind::kModel, subject + " point to '" + location.string() +
                                       "' outside the model's folder; save the model with its "
                                       "data beside it");
  }
  const std::filesystem::path path = folder / location;
  std::error_code failure;
  const uint64_t size = std::filesystem::file_size(path, failure);
  if (failure) {
    return Fail(ErrorKind::kModel, subject + " lie in '" + path.string() +
                                       "', which cannot be read; copy that file beside the model");
  }
  NACRE_TRY(const uint64_t offset, Number(entries, "offset", 0));
  if (offset > size) {
    return Fail(ErrorKind::kModel, subject + " begin behind the end of '" + path.string() +
                                       "'; the file is truncated, copy it again");
  }
  NACRE_TRY(const uint64_t length, Number(entries, "length", size - offset));
  if (length > size - offset) {
    return Fail(ErrorKind::kModel, subject + " end behind the end of '" + path.string() +
                                       "'; the file is truncated, copy it again");
  }
  std::vector<std::byte> bytes(length);
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(length))) {
    return Fail(ErrorKind::kModel, "cannot read '" + path.string() + "'; check its permissions");
  }
  return bytes;
}

Expected<void> InlineExternalData(proto::TensorProto& tensor, const std::filesystem::path& folder) {
  if (tensor.data_location() != proto::TensorProto::EXTERNAL) return {};
  NACRE_TRY(const std::vector<std::byte> bytes, ReadExternalData(tensor, folder));
  tensor.set_raw_data(bytes.data(), bytes.size());
  tensor.clear_external_data();
  tensor.clear_data_location();
  return {};
}

Expected<void> InlineExternalData(proto::NodeProto& node, const std::filesystem::path& folder) {
  for (auto& attribute : *node.mutable_attribute()) {
    if (attribute.has_t()) NACRE_CHECK_OK(InlineExternalData(*attribute.mutable_t(), folder));
    for (auto& tensor : *attribute.mutable_tensors()) {
      NACRE_CHECK_OK(InlineExternalData(tensor, folder));
    }
    if (attribute.has_g()) NACRE_CHECK_OK(InlineGraph(*attribute.mutable_g(), folder));
    for (auto& graph : *attribute.mutable_graphs()) NACRE_CHECK_OK(InlineGraph(graph, folder));
  }
  return {};
}

}  // namespace nacre::onnx_internal
