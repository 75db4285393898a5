// Operations that make or choose numbers by type: Cast, Where, Range.
#include <cstring>

#include "graph/constants.h"

namespace nacre::graph_internal {
namespace {

template <typename T, typename Source>
std::vector<std::byte> Pack(const std::vector<Source>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    const T value = static_cast<T>(values[i]);
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

template <typename Source>
std::optional<Tensor> MakeTensor(DataType type, const Shape& shape,
                                 const std::vector<Source>& values) {
  switch (type) {
    case DataType::kFloat:
      return Tensor(type, shape, Pack<float>(values));
    case DataType::kDouble:
      return Tensor(type, shape, Pack<double>(values));
    case DataType::kInt64:
      return Tensor(type, shape, Pack<int64_t>(values));
    case DataType::kInt32:
      return Tensor(type, shape, Pack<int32_t>(values));
    case DataType::kBool: {
      std::vector<uint8_t> bits;
      for (Source value : values) bits.push_back(value != Source{0});
      return Tensor(type, shape, Pack<uint8_t>(bits));
    }
    default:
      return std::nullopt;
  }
}

bool IsReal(DataType type) {
  return type == DataType::kFloat || type == DataType::kDouble || type == DataType::kFloat16 ||
         type == DataType::kBfloat16;
}

Contents EvaluateCast(const NodeView& view, const std::vector<Value>& shapes) {
  const Content& from = *view.ContentOf(0);
  const Value& out = shapes[0];
  const DataType type = from.values.type();
  const bool between_integers = IsInteger(out.type) && IsInteger(type);
  if (!between_integers && !from.Known()) return NotDetermined();
  auto tensor = IsReal(type) ? TensorOf(out.type, out.shape, from.values.ToFloats())
                             : TensorOf(out.type, out.shape, from.values.ToInts());
  if (!tensor) return NotDetermined();
  return One({std::move(*tensor), from.names});
}

Contents EvaluateWhere(const NodeView& view, const std::vector<Value>& shapes) {
  const Content &condition = *view.ContentOf(0), &a = *view.ContentOf(1), &b = *view.ContentOf(2);
  const Value& out = shapes[0];
  if (!condition.Known() || view.TypeOf(1) != view.TypeOf(2)) return NotDetermined();
  const std::vector<int64_t> bits = condition.values.ToInts();
  const auto at_c = BroadcastIndices(condition.values.shape(), out.shape);
  const auto at_a = BroadcastIndices(a.values.shape(), out.shape);
  const auto at_b = BroadcastIndices(b.values.shape(), out.shape);
  const size_t element = ElementSize(out.type);
  std::vector<std::byte> bytes(at_c.size() * element);
  std::vector<int64_t> names(at_c.size(), 0);
  for (size_t i = 0; i < at_c.size(); ++i) {
    const bool first = bits[static_cast<size_t>(at_c[i])] != 0;
    const Content& from = first ? a : b;
    const int64_t index = first ? at_a[i] : at_b[i];
    std::memcpy(bytes.data() + i * element,
                from.values.bytes().data() + static_cast<size_t>(index) * element, element);
    names[i] = from.NameAt(index);
  }
  return One({Tensor(out.type, out.shape, std::move(bytes)), std::move(names)});
}

template <typename T>
std::vector<T> Steps(int64_t count, T start, T step) {
  std::vector<T> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(start + static_cast<T>(i) * step);
  return values;
}

Contents EvaluateRange(const NodeView& view, const std::vector<Value>& shapes) {
  const Value& out = shapes[0];
  const int64_t count = out.shape[0];
  for (size_t i = 0; i < 3; ++i) {
    if (!view.ContentOf(i)->Known()) return NotDetermined();
  }
  const Tensor &start = view.ContentOf(0)->values, &step = view.ContentOf(2)->values;
  if (IsInteger(out.type)) {
    const auto values = Steps(count, start.ToInts()[0], step.ToInts()[0]);
    return One({*TensorOf(out.type, out.shape, values), {}});
  }
  if (out.type != DataType::kFloat) return NotDetermined();
  const auto values = Steps(count, start.ToFloats()[0], step.ToFloats()[0]);
  return One({Tensor::Floats(out.shape, values), {}});
}

}  // namespace

std::optional<Tensor> TensorOf(DataType type, const Shape& shape,
                               const std::vector<int64_t>& values) {
  return MakeTensor(type, shape, values);
}

std::optional<Tensor> TensorOf(DataType type, const Shape& shape,
                               const std::vector<float>& values) {
  return MakeTensor(type, shape, values);
}

std::map<std::string, Evaluator> ConversionEvaluators() {
  return {{"Cast", EvaluateCast},
          {"CastLike", EvaluateCast},
          {"Where", EvaluateWhere},
          {"Range", EvaluateRange}};
}

}  // namespace nacre::graph_internal
