#include <fmt/format.h>

#include <algorithm>

#include "graph/adjacency.h"
#include "graph/core_parts.h"
#include "graph/operations.h"
#include "graph/shapes.h"

namespace nacre::graph_internal {
namespace {

bool IsColorCount(int64_t channels) { return channels == 1 || channels == 3 || channels == 4; }

bool LooksChannelsLast(const Shape& shape) {
  return shape.size() == 4 && IsColorCount(shape[3]) && !IsColorCount(shape[1]);
}

bool IsImageType(DataType type) {
  return type != DataType::kString && type != DataType::kBool && ElementSize(type) > 0 &&
         type != DataType::kInt64;
}

// The input of rank 4 that is meant to take images.
Expected<size_t> ImageInput(const Network& network) {
  std::vector<size_t> candidates;
  std::string all;
  for (size_t i = 0; i < network.inputs.size(); ++i) {
    const Value& input = network.inputs[i];
    all += fmt::format("{}'{}' {} {}", all.empty() ? "" : ", ", input.name,
                       DataTypeName(input.type), ToString(input.shape));
    const bool colors =
        input.shape.size() == 4 && (IsColorCount(input.shape[1]) || IsColorCount(input.shape[3]));
    if (colors && IsImageType(input.type)) candidates.push_back(i);
  }
  if (candidates.empty() && network.inputs.size() == 1 && network.inputs[0].shape.size() == 4 &&
      IsImageType(network.inputs[0].type)) {
    candidates.push_back(0);
  }
  if (candidates.size() == 1) return candidates[0];
  return Fail(ErrorKind::kModel,
              fmt::format("{} take images, [N, channels, height, width] or [N, height, width, "
                          "channels], among the inputs {}: cut the model to a part with one such "
                          "input (onnx.utils.extract_model)",
                          candidates.empty() ? "no input can" : "several inputs can", all));
}

bool IsTransposeToChannelsFirst(const Node& node) {
  return node.op == "Transpose" && node.Ints("perm") == std::vector<int64_t>{0, 3, 1, 2};
}

// A Reshape between the two layouts of images of one channel moves nothing.
bool IsReshapeOfGray(const Node& node, const Shape& in, const Shape& out) {
  return node.op == "Reshape" && in.size() == 4 && out.size() == 4 && in[3] == 1 && out[1] == 1 &&
         in[1] == out[2] && in[2] == out[3];
}

bool IsRelabelling(const Node& node) { return node.op == "Cast" || node.op == "Identity"; }

void FixSize(Value& input, bool channels_last, const CoreOptions& options) {
  const size_t height = channels_last ? 1 : 2;
  if (options.height > 0 && input.shape[height] == kDynamic) input.shape[height] = options.height;
  if (options.width > 0 && input.shape[height + 1] == kDynamic)
    input.shape[height + 1] = options.width;
}

}  // namespace

std::map<std::string, Value> KnownShapes(const Network& network) {
  auto shapes = InferShapes(network, 1);
  return shapes ? std::move(*shapes) : std::map<std::string, Value>{};
}

Expected<Beginning> FindBeginning(Network& network, const CoreOptions& options) {
  NACRE_TRY(const size_t image, ImageInput(network));
  const Value input = network.inputs[image];
  const Adjacency adjacency(network);
  Beginning beginning;
  beginning.input.name = beginning.value = input.name;
  beginning.input.type = input.type;
  beginning.channels_last = LooksChannelsLast(input.shape);
  beginning.input.channels_last = beginning.channels_last;
  const auto shapes = KnownShapes(network);
  const auto shape_of = [&](const std::string& value) {
    const auto found = shapes.find(value);
    return found == shapes.end() ? Shape{} : found->second.shape;
  };
  while (const auto reader = adjacency.SoleReader(beginning.value)) {
    const Node& node = network.nodes[*reader];
    if (node.opaque() || network.IsOutput(beginning.value)) break;
    const bool turns = IsTransposeToChannelsFirst(node) ||
                       IsReshapeOfGray(node, shape_of(beginning.value), shape_of(node.outputs[0]));
    if (!turns && !IsRelabelling(node)) break;
    beginning.nodes.insert(*reader);
    beginning.value = node.outputs[0];
    if (!turns) continue;
    beginning.input.channels_last = true;
    beginning.channels_last = false;
    break;
  }
  FixSize(network.inputs[image], beginning.input.channels_last, options);
  const auto type = shapes.find(beginning.value);
  if (type != shapes.end() && type->second.type != DataType::kFloat) {
    return Fail(ErrorKind::kModel,
                fmt::format("input '{}' is {}, and nothing makes floats of it before it is "
                            "computed with: export the model with float images",
                            input.name, DataTypeName(input.type)));
  }
  return beginning;
}

}  // namespace nacre::graph_internal
