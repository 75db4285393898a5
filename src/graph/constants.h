// Internal to graph/: computing nodes before run time.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "graph/shape_rules.h"

namespace nacre {

// [begin, end) of the dimensions that a Shape node reports.
std::pair<int64_t, int64_t> ShapeRange(const Node& node, size_t rank);
// What a Constant node holds; nothing for sparse tensors and strings.
std::optional<Tensor> ConstantValue(const Node& node);
// The one element that ConstantOfShape repeats.
Tensor FillValue(const Node& node);

// The outputs of `view.node` as far as its inputs determine them: one content an output, or none at
// all. `shapes` are the outputs as the shape rule gives them; results of more than `max_elements`
// elements are not computed.
std::vector<Content> Evaluate(const NodeView& view, const std::vector<Value>& shapes,
                              int64_t max_elements);

// The families. `shape` is static.
std::optional<std::vector<Content>> EvaluateMove(const NodeView& view,
                                                 const std::vector<Value>& shapes);
std::optional<Content> EvaluateArithmetic(const NodeView& view, const Value& out);

// By type rather than by arithmetic.
std::optional<Content> EvaluateCast(const Content& from, const Value& out);
std::optional<Content> EvaluateWhere(const NodeView& view, const Value& out);
std::optional<Content> EvaluateRange(const NodeView& view, const Value& out);

inline bool IsInteger(DataType type) {
  return type == DataType::kInt64 || type == DataType::kInt32;
}
// `values` as a tensor of another type; nothing for types other than float, double, int64, int32
// and bool.
std::optional<Tensor> TensorOf(DataType type, const Shape& shape,
                               const std::vector<int64_t>& values);
std::optional<Tensor> TensorOf(DataType type, const Shape& shape, const std::vector<float>& values);

// For each element of `out`, the flat index into a tensor of shape `in` that broadcasts to it.
std::vector<int64_t> BroadcastIndices(const Shape& in, const Shape& out);
// Row-major distance between neighbours along each axis.
std::vector<int64_t> StridesOf(const Shape& shape);

}  // namespace nacre
