// Weights that lie in files beside the model. Private to onnx/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "onnx/proto.h"

namespace nacre::onnx_internal {

// The files beside one model, as far as its tensors name them. A name is a path below the folder,
// without `..`. No part of it may be a symbolic link, and the file may have no second name (a hard
// link), so that nothing outside the folder can be read. What is checked is the open file, not its
// name: swapping the file in between changes nothing.
//
// Errors (kModel) of all functions name the tensor, the file and the cure.
class ExternalData {
 public:
  explicit ExternalData(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // The bytes that `tensor` points to. They must be `wanted` many where that is given, which is
  // checked before memory is taken for them. All tensors together may read twice what a file holds
  // and some more, for a few share weights, and 2 GB, which is what a model of one file can hold.
  Expected<std::vector<std::byte>> Read(const proto::TensorProto& tensor,
                                        std::optional<uint64_t> wanted = std::nullopt);

  // Moves external data of a tensor that stays a protobuf message (inside opaque nodes) into its
  // raw_data.
  Expected<void> Inline(proto::TensorProto& tensor);
  Expected<void> Inline(proto::NodeProto& node);

 private:
  Expected<void> InlineGraph(proto::GraphProto& graph);
  Expected<void> InlineSparse(nacre_onnx::SparseTensorProto& sparse);
  Expected<void> Spend(const std::string& subject, const std::string& location, uint64_t length,
                       uint64_t size);

  const std::filesystem::path folder_;
  std::map<std::string, uint64_t> read_;  // bytes, by location
  uint64_t read_in_all_ = 0;
};

}  // namespace nacre::onnx_internal
