// Resize, Upsample, Pad and pooling.
#include <algorithm>

#include "onnx/raise.h"

namespace nacre::onnx_internal {
namespace {

// Positions in a tensor of `rank` axes; nothing when one is outside.
std::optional<std::vector<size_t>> Positions(const std::vector<int64_t>& axes, size_t rank) {
  std::vector<size_t> positions;
  for (int64_t axis : axes) {
    if (axis < 0) axis += static_cast<int64_t>(rank);
    if (axis < 0 || axis >= static_cast<int64_t>(rank)) return std::nullopt;
    positions.push_back(static_cast<size_t>(axis));
  }
  return positions;
}

// Before opset 11 pads and value were attributes.
void MovePadsToInputs(Raising& raising, Node& node) {
  const std::vector<int64_t> pads = node.Ints("pads");
  const std::string& y = node.outputs[0];
  node.inputs.resize(1);
  node.inputs.push_back(
      raising.AddConstant(y + "_pads", Tensor::Ints({static_cast<int64_t>(pads.size())}, pads)));
  node.inputs.push_back(raising.AddConstant(y + "_value", Tensor::Scalar(node.Float("value", 0))));
  node.attributes.erase("pads");
  node.attributes.erase("value");
}

// Opset 18: pads of chosen axes become pads of all.
std::string RaisePad(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (raising.opset < 11) MovePadsToInputs(raising, node);
  if (node.String("mode", "constant") == "wrap") return "Pad that wraps around";
  if (!IsGiven(node, 3)) {
    if (node.inputs.size() > 3) node.inputs.resize(3);
    return "";
  }
  const Tensor *axes = raising.Constant(node, 3), *pads = raising.Constant(node, 1);
  const auto shape = raising.ShapeOf(node.inputs[0]);
  if (axes == nullptr || pads == nullptr || !shape) return "Pad of axes that are not known";
  const auto positions = Positions(axes->ToInts(), shape->size());
  const std::vector<int64_t> some = pads->ToInts();
  if (!positions || some.size() != 2 * positions->size()) return "Pad whose axes do not fit";
  std::vector<int64_t> all(2 * shape->size(), 0);
  for (size_t i = 0; i < positions->size(); ++i) {
    all[(*positions)[i]] = some[i];
    all[(*positions)[i] + shape->size()] = some[i + positions->size()];
  }
  node.inputs.resize(3);
  const int64_t count = static_cast<int64_t>(all.size());
  node.inputs[1] = raising.AddConstant(node.outputs[0] + "_pads", Tensor::Ints({count}, all));
  return "";
}

// Opset 18: scales or sizes of chosen axes become those of all.
std::string SpreadResize(Raising& raising, Node& node) {
  const std::vector<int64_t> axes = node.Ints("axes");
  node.attributes.erase("axes");
  const auto shape = raising.ShapeOf(node.inputs[0]);
  const auto positions = shape ? Positions(axes, shape->size()) : std::nullopt;
  if (!positions) return "Resize of axes that are not known";
  const int64_t rank = static_cast<int64_t>(shape->size());
  if (const Tensor* scales = raising.Constant(node, 2)) {
    const std::vector<float> some = scales->ToFloats();
    if (some.size() != positions->size()) return "Resize whose axes do not fit";
    std::vector<float> all(shape->size(), 1.0f);
    for (size_t i = 0; i < some.size(); ++i) all[(*positions)[i]] = some[i];
    node.inputs[2] = raising.AddConstant(node.outputs[0] + "_scales", Tensor::Floats({rank}, all));
    return "";
  }
  const Tensor* sizes = raising.Constant(node, 3);
  if (sizes == nullptr) return "Resize to sizes that are not constant, of chosen axes";
  const std::vector<int64_t> some = sizes->ToInts();
  if (some.size() != positions->size()) return "Resize whose axes do not fit";
  std::vector<int64_t> all = *shape;
  for (size_t i = 0; i < some.size(); ++i) all[(*positions)[i]] = some[i];
  if (std::any_of(all.begin(), all.end(), [](int64_t size) { return size < 0; })) {
    return "Resize to sizes of chosen axes where another is not known";
  }
  node.inputs[3] = raising.AddConstant(node.outputs[0] + "_sizes", Tensor::Ints({rank}, all));
  return "";
}

// Upsample, left from before opset 10, and the Resize of opset 10: the Resize of today defines
// their meaning.
std::string RaiseUpsample(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (node.inputs.size() == 1 && node.attributes.contains("scales")) {
    const std::vector<float> scales = node.Floats("scales");
    node.inputs.push_back(
        raising.AddConstant(node.outputs[0] + "_scales",
                            Tensor::Floats({static_cast<int64_t>(scales.size())}, scales)));
    node.attributes.erase("scales");
  }
  if (node.inputs.size() != 2) return node.op + " without scales";
  node.op = "Resize";
  node.inputs = {node.inputs[0], "", node.inputs[1]};
  node.attributes["coordinate_transformation_mode"] = std::string("asymmetric");
  node.attributes["nearest_mode"] = std::string("floor");
  return "";
}

std::string RaiseResize(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (raising.opset < 11) return RaiseUpsample(raising, nodes);
  node.inputs.resize(4);
  for (size_t i = 1; i < 4; ++i) {  // opset 11 spells "not given" as a tensor without elements
    const Tensor* given = raising.Constant(node, i);
    if (given != nullptr && given->count() == 0) node.inputs[i].clear();
  }
  const std::string mode = node.String("coordinate_transformation_mode", "half_pixel");
  if (mode == "tf_half_pixel_for_nn" || mode == "half_pixel_symmetric" ||
      mode == "tf_crop_and_resize") {
    return "Resize with coordinates '" + mode + "'";
  }
  if (node.Int("antialias", 0) != 0) return "Resize with antialiasing";
  if (node.String("keep_aspect_ratio_policy", "stretch") != "stretch") {
    return "Resize by aspect ratio";
  }
  node.attributes.erase("antialias");
  node.attributes.erase("keep_aspect_ratio_policy");
  node.inputs[1].clear();  // only tf_crop_and_resize reads the region
  if (node.attributes.contains("axes")) {
    if (std::string reason = SpreadResize(raising, node); !reason.empty()) return reason;
  }
  while (node.inputs.back().empty()) node.inputs.pop_back();
  return "";
}

std::string RaiseAveragePool(Raising&, std::vector<Node>& nodes) {
  const std::vector<int64_t> dilations = nodes.front().Ints("dilations");
  if (std::any_of(dilations.begin(), dilations.end(), [](int64_t each) { return each != 1; })) {
    return "AveragePool with dilations";
  }
  nodes.front().attributes.erase("dilations");
  return "";
}

}  // namespace

std::map<std::string, RaiseRule> ResampleRules() {
  return {{"Pad", RaisePad},
          {"Resize", RaiseResize},
          {"Upsample", RaiseUpsample},
          {"AveragePool", RaiseAveragePool}};
}

}  // namespace nacre::onnx_internal
