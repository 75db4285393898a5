// Computes nodes whose inputs are known before run time.
// Private to graph/.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/shape_rules.h"

namespace nacre::graph_internal {

// [begin, end) of the dimensions that a Shape node reports.
struct DimensionRange {
  int64_t begin = 0, end = 0;
};
Expected<DimensionRange> ShapeRange(const NodeView& view, size_t rank);
// What a Constant node holds; nothing for sparse tensors and strings.
std::optional<Tensor> ConstantValue(const Node& node);
// The one element that ConstantOfShape repeats. Error: its `value` is not one element.
Expected<Tensor> FillValue(const NodeView& view);

// One content an output, or none at all where the inputs do not determine them. Errors: the numbers
// cannot be computed with (an index out of range, a division by zero).
using Contents = Expected<std::vector<Content>>;
inline Contents NotDetermined() { return std::vector<Content>{}; }
inline Contents One(Content content) { return std::vector<Content>{std::move(content)}; }

// The outputs of `view.node` as far as its inputs determine them. `shapes` are the outputs as the
// shape rule gives them; results of more than `max_elements` elements are not computed.
Contents Evaluate(const NodeView& view, const std::vector<Value>& shapes, int64_t max_elements);

// Computes one operation. The shapes are static and all inputs that are given have contents.
using Evaluator = Contents (*)(const NodeView& view, const std::vector<Value>& shapes);

// The families, one file each, by operation.
std::map<std::string, Evaluator> MoveEvaluators();
std::map<std::string, Evaluator> ArithmeticEvaluators();
std::map<std::string, Evaluator> ConversionEvaluators();
std::map<std::string, Evaluator> ReductionEvaluators();

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

}  // namespace nacre::graph_internal
