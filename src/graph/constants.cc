#include "graph/constants.h"

#include <algorithm>
#include <stdexcept>

namespace nacre {
namespace {

Content ContentOfShape(const Shape& shape, int64_t begin, int64_t end) {
  std::vector<int64_t> sizes(shape.begin() + begin, shape.begin() + end), names;
  names.reserve(sizes.size());
  for (int64_t& size : sizes) {
    names.push_back(size < 0 ? size : 0);
    size = std::max<int64_t>(size, 0);
  }
  return {Tensor::Ints({end - begin}, sizes), std::move(names)};
}

Content Repeat(const Tensor& element, const Shape& shape) {
  std::vector<std::byte> bytes;
  const int64_t count = ElementCount(shape);
  bytes.reserve(static_cast<size_t>(count) * element.bytes().size());
  for (int64_t i = 0; i < count; ++i) {
    bytes.insert(bytes.end(), element.bytes().begin(), element.bytes().end());
  }
  return {Tensor(element.type(), shape, std::move(bytes)), {}};
}

bool IsStatic(const Shape& shape) {
  return std::all_of(shape.begin(), shape.end(), [](int64_t size) { return size >= 0; });
}

}  // namespace

std::pair<int64_t, int64_t> ShapeRange(const Node& node, size_t rank) {
  const int64_t count = static_cast<int64_t>(rank);
  const auto clamp = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + count : at, 0, count);
  };
  const int64_t begin = clamp(node.Int("start", 0)), end = clamp(node.Int("end", count));
  return {begin, std::max(begin, end)};
}

std::optional<Tensor> ConstantValue(const Node& node) {
  for (const auto& [key, attribute] : node.attributes) {
    if (const auto* tensor = std::get_if<Tensor>(&attribute); tensor && key == "value") {
      if (ElementSize(tensor->type()) == 0) return std::nullopt;
      return *tensor;
    }
    if (const auto* number = std::get_if<float>(&attribute)) return Tensor::Scalar(*number);
    if (const auto* number = std::get_if<int64_t>(&attribute)) return Tensor::Ints({}, {*number});
    if (const auto* list = std::get_if<std::vector<float>>(&attribute)) {
      return Tensor::Floats({static_cast<int64_t>(list->size())}, *list);
    }
    if (const auto* list = std::get_if<std::vector<int64_t>>(&attribute)) {
      return Tensor::Ints({static_cast<int64_t>(list->size())}, *list);
    }
  }
  return std::nullopt;
}

Tensor FillValue(const Node& node) {
  const auto found = node.attributes.find("value");
  if (found == node.attributes.end()) return Tensor::Scalar(0.0f);
  const Tensor* tensor = std::get_if<Tensor>(&found->second);
  if (tensor == nullptr || tensor->count() != 1) {
    throw std::logic_error("value of ConstantOfShape is not one element");
  }
  return tensor->Reshaped({});
}

std::vector<Content> Evaluate(const NodeView& view, const std::vector<Value>& shapes,
                              int64_t max_elements) {
  const std::string& op = view.node.op;
  if (shapes.empty() || shapes.size() < view.node.outputs.size()) return {};
  if (op == "Constant") {
    if (auto value = ConstantValue(view.node)) return {{std::move(*value), {}}};
    return {};
  }
  for (const Value& out : shapes) {
    if (!IsStatic(out.shape) || ElementCount(out.shape) > max_elements) return {};
  }
  if (op == "Shape") {
    const auto [begin, end] = ShapeRange(view.node, view.ShapeOf(0).size());
    return {ContentOfShape(view.ShapeOf(0), begin, end)};
  }
  if (op == "ConstantOfShape") return {Repeat(FillValue(view.node), shapes[0].shape)};
  for (size_t i = 0; i < view.inputs.size(); ++i) {
    if (view.Has(i) && view.ContentOf(i) == nullptr) return {};
  }
  if (auto moved = EvaluateMove(view, shapes)) return std::move(*moved);
  if (auto computed = EvaluateArithmetic(view, shapes[0])) return {std::move(*computed)};
  return {};
}

std::vector<int64_t> StridesOf(const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::vector<int64_t> BroadcastIndices(const Shape& in, const Shape& out) {
  const std::vector<int64_t> in_strides = StridesOf(in), out_strides = StridesOf(out);
  std::vector<int64_t> indices(static_cast<size_t>(ElementCount(out)));
  for (size_t flat = 0; flat < indices.size(); ++flat) {
    int64_t rest = static_cast<int64_t>(flat), index = 0;
    for (size_t d = 0; d < out.size(); ++d) {
      const int64_t at = rest / out_strides[d];
      rest %= out_strides[d];
      if (d + in.size() < out.size()) continue;
      const size_t axis = d + in.size() - out.size();
      if (in[axis] != 1) index += at * in_strides[axis];
    }
    indices[flat] = index;
  }
  return indices;
}

}  // namespace nacre
