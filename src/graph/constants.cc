#include "graph/constants.h"

#include <algorithm>

namespace nacre::graph_internal {
namespace {

// The numbers that a Shape node reports; dimensions that are not known keep their names.
Content ContentOfShape(const Shape& shape, DimensionRange range) {
  std::vector<int64_t> sizes(shape.begin() + range.begin, shape.begin() + range.end);
  std::vector<int64_t> names;
  names.reserve(sizes.size());
  for (int64_t& size : sizes) {
    names.push_back(size < 0 ? size : 0);
    size = std::max<int64_t>(size, 0);
  }
  return {Tensor::Ints({range.end - range.begin}, sizes), std::move(names)};
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

// Whether all outputs are of known sizes, and small enough to be computed.
Expected<bool> AreComputable(const std::vector<Value>& shapes, int64_t max_elements) {
  for (const Value& out : shapes) {
    if (!IsStatic(out.shape)) return false;
    const int64_t count = Product(out.shape);
    if (count < 0) return Unfit("shape " + ToString(out.shape) + " has too many elements");
    if (count > max_elements) return false;
  }
  return true;
}

bool HasAllContents(const NodeView& view) {
  for (size_t i = 0; i < view.inputs.size(); ++i) {
    if (view.Has(i) && view.ContentOf(i) == nullptr) return false;
  }
  return true;
}

const std::map<std::string, Evaluator>& Evaluators() {
  static const std::map<std::string, Evaluator> all = [] {
    std::map<std::string, Evaluator> evaluators = MoveEvaluators();
    evaluators.merge(ArithmeticEvaluators());
    evaluators.merge(ConversionEvaluators());
    evaluators.merge(ReductionEvaluators());
    return evaluators;
  }();
  return all;
}

Contents EvaluateConstant(const NodeView& view) {
  auto value = ConstantValue(view.node);
  return value ? One({std::move(*value), {}}) : NotDetermined();
}

// What a Shape node reports is known, at least by name, though its input is not.
Contents EvaluateShape(const NodeView& view) {
  const Shape& shape = view.ShapeOf(0);
  NACRE_TRY(const DimensionRange range, ShapeRange(view, shape.size()));
  return One(ContentOfShape(shape, range));
}

// Nothing where a dimension is not known.
Contents EvaluateSize(const NodeView& view) {
  const int64_t size = Product(view.ShapeOf(0));
  return size < 0 ? NotDetermined() : One({Tensor::Ints({}, {size}), {}});
}

// The content of the wanted shape is in `shapes`, as far as it is known.
Contents EvaluateConstantOfShape(const NodeView& view, const Shape& shape) {
  NACRE_TRY(const Tensor fill, FillValue(view));
  return One(Repeat(fill, shape));
}

// An attribute of a Constant as a tensor, whichever way it is written.
std::optional<Tensor> TensorOfAttribute(const std::string& key, const Attribute& attribute) {
  if (const auto* tensor = std::get_if<Tensor>(&attribute); tensor && key == "value") {
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
  return std::nullopt;
}

}  // namespace

Expected<DimensionRange> ShapeRange(const NodeView& view, size_t rank) {
  const int64_t count = static_cast<int64_t>(rank);
  const auto clamp = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + count : at, 0, count);
  };
  NACRE_TRY(const int64_t start, view.Int("start", 0));
  NACRE_TRY(const int64_t end, view.Int("end", count));
  return DimensionRange{clamp(start), std::max(clamp(start), clamp(end))};
}

std::optional<Tensor> ConstantValue(const Node& node) {
  for (const auto& [key, attribute] : node.attributes) {
    auto tensor = TensorOfAttribute(key, attribute);
    if (!tensor) continue;
    if (ElementSize(tensor->type()) == 0) return std::nullopt;
    return tensor;
  }
  return std::nullopt;
}

Expected<Tensor> FillValue(const NodeView& view) {
  const auto found = view.node.attributes.find("value");
  if (found == view.node.attributes.end()) return Tensor::Scalar(0.0f);
  const Tensor* tensor = std::get_if<Tensor>(&found->second);
  if (tensor == nullptr || tensor->count() != 1) {
    return Unfit("value of ConstantOfShape is not one element");
  }
  return tensor->Reshaped({});
}

Contents Evaluate(const NodeView& view, const std::vector<Value>& shapes, int64_t max_elements) {
  const std::string& op = view.node.op;
  if (shapes.empty() || shapes.size() < view.node.outputs.size()) return NotDetermined();
  if (op == "Constant") return EvaluateConstant(view);
  NACRE_TRY(const bool computable, AreComputable(shapes, max_elements));
  if (!computable) return NotDetermined();
  if (op == "Shape") return EvaluateShape(view);
  if (op == "Size") return EvaluateSize(view);
  if (op == "ConstantOfShape") return EvaluateConstantOfShape(view, shapes[0].shape);
  const auto evaluator = Evaluators().find(op);
  // Of what CastLike takes the type from, only the type counts.
  const bool known = op == "CastLike" ? view.ContentOf(0) != nullptr : HasAllContents(view);
  if (evaluator == Evaluators().end() || !known) return NotDetermined();
  return evaluator->second(view, shapes);
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

}  // namespace nacre::graph_internal
