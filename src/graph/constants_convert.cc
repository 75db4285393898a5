// Operations that make or choose numbers by type: Cast, Where, Range.
#include <cstring>

#include "graph/constants.h"

namespace nacre {
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

}  // namespace

std::optional<Tensor> TensorOf(DataType type, const Shape& shape,
                               const std::vector<int64_t>& values) {
  return MakeTensor(type, shape, values);
}

std::optional<Tensor> TensorOf(DataType type, const Shape& shape,
                               const std::vector<float>& values) {
  return MakeTensor(type, shape, values);
}

std::optional<Content> EvaluateCast(const Content& from, const Value& out) {
  if (IsInteger(out.type) && IsInteger(from.values.type())) {
    auto tensor = TensorOf(out.type, out.shape, from.values.ToInts());
    return Content{std::move(*tensor), from.names};
  }
  if (!from.Known()) return std::nullopt;
  const DataType type = from.values.type();
  const bool real = type == DataType::kFloat || type == DataType::kDouble ||
                    type == DataType::kFloat16 || type == DataType::kBfloat16;
  auto tensor = real ? TensorOf(out.type, out.shape, from.values.ToFloats())
                     : TensorOf(out.type, out.shape, from.values.ToInts());
  if (!tensor) return std::nullopt;
  return Content{std::move(*tensor), {}};
}

std::optional<Content> EvaluateWhere(const NodeView& view, const Value& out) {
  const Content &condition = *view.ContentOf(0), &a = *view.ContentOf(1), &b = *view.ContentOf(2);
  if (!condition.Known()) return std::nullopt;
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
  return Content{Tensor(out.type, out.shape, std::move(bytes)), std::move(names)};
}

std::optional<Content> EvaluateRange(const NodeView& view, const Value& out) {
  for (size_t i = 0; i < 3; ++i) {
    if (!view.ContentOf(i)->Known()) return std::nullopt;
  }
  const int64_t count = out.shape[0];
  if (IsInteger(out.type)) {
    const int64_t start = view.KnownInts(0)->at(0), step = view.KnownInts(2)->at(0);
    std::vector<int64_t> values;
    for (int64_t i = 0; i < count; ++i) values.push_back(start + i * step);
    return Content{*TensorOf(out.type, out.shape, values), {}};
  }
  if (out.type != DataType::kFloat) return std::nullopt;
  const float start = view.ContentOf(0)->values.floats()[0];
  const float step = view.ContentOf(2)->values.floats()[0];
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(start + static_cast<float>(i) * step);
  return Content{Tensor::Floats(out.shape, values), {}};
}

}  // namespace nacre
