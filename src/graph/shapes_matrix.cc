// Matrix products and reductions.
#include "graph/shape_rules.h"

namespace nacre::graph_internal {
namespace {

// Rows and columns of a matrix, turned where `turn` says so.
Expected<Shape> Matrix(const NodeView& view, size_t input, const char* turn) {
  NACRE_TRY(const bool turned, view.Flag(turn, false));
  Shape shape = view.ShapeOf(input);
  if (turned && shape.size() == 2) std::swap(shape[0], shape[1]);
  return shape;
}

// Gemm adds a bias that is broadcast to its result, not the other way round.
Expected<void> CheckBias(const Shape& bias, const Shape& out) {
  NACRE_TRY(const Shape sum, Broadcast(out, bias));
  if (sum.size() != 2 || !MayEqual(sum[0], out[0]) || !MayEqual(sum[1], out[1])) {
    return Unfit("bias " + ToString(bias) + " for " + ToString(out));
  }
  return {};
}

Outputs Gemm(const NodeView& view) {
  NACRE_TRY(const Shape a, Matrix(view, 0, "transA"));
  NACRE_TRY(const Shape b, Matrix(view, 1, "transB"));
  if (a.size() != 2 || b.size() != 2 || !MayEqual(a[1], b[0])) {
    return Unfit("matrices " + ToString(view.ShapeOf(0)) + " and " + ToString(view.ShapeOf(1)));
  }
  const Shape out = {a[0], b[1]};
  if (view.Has(2)) NACRE_CHECK_OK(CheckBias(view.ShapeOf(2), out));
  return Single(view.TypeOf(0), out);
}

// As numpy.matmul.
Outputs MatMul(const NodeView& view) {
  Shape a = view.ShapeOf(0), b = view.ShapeOf(1);
  const bool row = a.size() == 1, column = b.size() == 1;
  if (a.empty() || b.empty()) return Unfit("a scalar in a matrix product");
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  if (!MayEqual(a.back(), b[b.size() - 2])) {
    return Unfit("matrices " + ToString(view.ShapeOf(0)) + " and " + ToString(view.ShapeOf(1)));
  }
  NACRE_TRY(Shape out, Broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)));
  if (!row) out.push_back(a[a.size() - 2]);
  if (!column) out.push_back(b.back());
  return Single(view.TypeOf(0), std::move(out));
}

Outputs ReduceMean(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  NACRE_TRY(const std::vector<int64_t> given, view.Ints("axes"));
  NACRE_TRY(const std::vector<int64_t> axes, AxisList(given, x.size()));
  NACRE_TRY(const bool keep, view.Flag("keepdims", true));
  Shape out;
  for (size_t i = 0; i < x.size(); ++i) {
    const bool reduced = axes.empty() || Contains(axes, i);
    if (!reduced) out.push_back(x[i]);
    if (reduced && keep) out.push_back(1);
  }
  return Single(view.TypeOf(0), std::move(out));
}

Expected<void> CheckReduceMean(const NodeView& view) {
  const std::vector<std::string>& inputs = view.node.inputs;
  NACRE_TRY(const bool noop, view.Flag("noop_with_empty_axes", false));
  if (noop || (inputs.size() > 1 && !inputs[1].empty())) {
    return Unfit("ReduceMean with axes as input");
  }
  return {};
}

}  // namespace

std::vector<RuleEntry> MatrixRules() {
  return {{"Gemm", 2, Gemm}, {"MatMul", 2, MatMul}, {"ReduceMean", 1, ReduceMean, CheckReduceMean}};
}

}  // namespace nacre::graph_internal
