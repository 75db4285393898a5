// Matrix products and reductions.
#include <algorithm>

#include "graph/shape_rules.h"

namespace nacre {
namespace {

Outputs Gemm(const NodeView& view) {
  const Shape &a = view.ShapeOf(0), &b = view.ShapeOf(1);
  const bool flip_a = view.node.Int("transA", 0) != 0, flip_b = view.node.Int("transB", 0) != 0;
  if (a.size() != 2 || b.size() != 2 || !MayEqual(a[flip_a ? 0 : 1], b[flip_b ? 1 : 0])) {
    return Unfit("matrices " + ToString(a) + " and " + ToString(b));
  }
  const Shape out = {a[flip_a ? 1 : 0], b[flip_b ? 0 : 1]};
  if (view.Has(2)) {
    NACRE_TRY(const Shape sum, Broadcast(out, view.ShapeOf(2)));
    if (sum.size() != 2 || !MayEqual(sum[0], out[0]) || !MayEqual(sum[1], out[1])) {
      return Unfit("bias " + ToString(view.ShapeOf(2)) + " for " + ToString(out));
    }
  }
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
  NACRE_TRY(std::vector<int64_t> axes, AxisList(view.node.Ints("axes"), x.size()));
  const bool keep = view.node.Int("keepdims", 1) != 0, all = axes.empty();
  Shape out;
  for (size_t i = 0; i < x.size(); ++i) {
    const bool reduced =
        all || std::find(axes.begin(), axes.end(), static_cast<int64_t>(i)) != axes.end();
    if (!reduced) out.push_back(x[i]);
    if (reduced && keep) out.push_back(1);
  }
  return Single(view.TypeOf(0), std::move(out));
}

}  // namespace

std::vector<RuleEntry> MatrixRules() {
  return {{"Gemm", 2, Gemm}, {"MatMul", 2, MatMul}, {"ReduceMean", 1, ReduceMean}};
}

}  // namespace nacre
