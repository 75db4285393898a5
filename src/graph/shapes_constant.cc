// Operations that make numbers out of shapes or of nothing.
#include <cmath>

#include "graph/constants.h"
#include "graph/shape_rules.h"

namespace nacre {
namespace {

Outputs ShapeOperation(const NodeView& view) {
  const auto [begin, end] = ShapeRange(view.node, view.ShapeOf(0).size());
  return Single(DataType::kInt64, {end - begin});
}

Outputs Constant(const NodeView& view) {
  const auto tensor = ConstantValue(view.node);
  if (!tensor) return Unfit("a constant that holds no numbers");
  return Single(tensor->type(), tensor->shape());
}

Outputs ConstantOfShape(const NodeView& view) {
  const Tensor fill = FillValue(view.node);
  const Content* target = view.ContentOf(0);
  if (target == nullptr) return std::vector<Value>{};
  Shape shape = target->values.ToInts();
  for (size_t i = 0; i < shape.size(); ++i) {
    if (!target->names.empty() && target->names[i] != 0) {
      shape[i] = target->names[i];
    } else if (shape[i] < 0) {
      return Unfit("a negative dimension");
    }
  }
  return Single(fill.type(), std::move(shape));
}

Outputs Range(const NodeView& view) {
  std::vector<double> limits;
  for (size_t i = 0; i < 3; ++i) {
    const Content* content = view.ContentOf(i);
    if (content == nullptr || !content->Known() || content->values.count() != 1) {
      return Single(view.TypeOf(0), {kDynamic});
    }
    limits.push_back(view.TypeOf(i) == DataType::kInt64
                         ? static_cast<double>(content->values.ToInts()[0])
                         : static_cast<double>(content->values.ToFloats()[0]));
  }
  if (limits[2] == 0) return Unfit("a step of zero");
  const double count = std::ceil((limits[1] - limits[0]) / limits[2]);
  return Single(view.TypeOf(0), {count > 0 ? static_cast<int64_t>(count) : 0});
}

}  // namespace

std::vector<RuleEntry> ConstantRules() {
  return {{"Shape", 1, ShapeOperation},
          {"Constant", 0, Constant},
          {"ConstantOfShape", 1, ConstantOfShape},
          {"Range", 3, Range}};
}

}  // namespace nacre
