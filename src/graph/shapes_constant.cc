// Operations that make numbers out of shapes or of nothing.
#include <cmath>

#include "graph/constants.h"
#include "graph/shape_rules.h"

namespace nacre::graph_internal {
namespace {

Outputs ShapeOperation(const NodeView& view) {
  NACRE_TRY(const DimensionRange range, ShapeRange(view, view.ShapeOf(0).size()));
  return Single(DataType::kInt64, {range.end - range.begin});
}

Outputs Size(const NodeView&) { return Single(DataType::kInt64, {}); }

Outputs Constant(const NodeView& view) {
  const auto tensor = ConstantValue(view.node);
  if (!tensor) return Unfit("a constant that holds no numbers");
  return Single(tensor->type(), tensor->shape());
}

Expected<void> CheckConstant(const NodeView& view) {
  if (!ConstantValue(view.node)) return Unfit("Constant that holds no numbers");
  return {};
}

Outputs ConstantOfShape(const NodeView& view) {
  NACRE_TRY(const Tensor fill, FillValue(view));
  const Content* target = view.ContentOf(0);
  if (target == nullptr) return NothingKnown();
  const Shape numbers = target->values.ToInts();
  for (size_t i = 0; i < numbers.size(); ++i) {
    const bool named = target->NameAt(static_cast<int64_t>(i)) != 0;
    if (!named && numbers[i] < 0) return Unfit("a negative dimension");
  }
  return Single(fill.type(), target->AsShape());
}

// The one number of a limit of Range; nothing when it is not known.
std::optional<double> Limit(const NodeView& view, size_t i) {
  const Content* content = view.ContentOf(i);
  if (content == nullptr || !content->Known() || content->values.count() != 1) return std::nullopt;
  if (view.TypeOf(i) == DataType::kInt64) return static_cast<double>(content->values.ToInts()[0]);
  return static_cast<double>(content->values.ToFloats()[0]);
}

Outputs Range(const NodeView& view) {
  const auto start = Limit(view, 0);
  const auto limit = Limit(view, 1);
  const auto step = Limit(view, 2);
  if (!start || !limit || !step) return Single(view.TypeOf(0), {kDynamic});
  if (*step == 0) return Unfit("a step of zero");
  const double count = std::ceil((*limit - *start) / *step);
  return Single(view.TypeOf(0), {count > 0 ? static_cast<int64_t>(count) : 0});
}

}  // namespace

std::vector<RuleEntry> ConstantRules() {
  return {{"Shape", 1, ShapeOperation},
          {"Size", 1, Size},
          {"Constant", 0, Constant, CheckConstant},
          {"ConstantOfShape", 1, ConstantOfShape},
          {"Range", 3, Range}};
}

}  // namespace nacre::graph_internal
