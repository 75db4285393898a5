// Normalisations: the output has the shape of the input.
#include "graph/shape_rules.h"

namespace nacre::graph_internal {
namespace {

Outputs Same(const NodeView& view) { return Single(view.TypeOf(0), view.ShapeOf(0)); }

// Inputs 1 and on hold one number a channel.
Outputs PerChannel(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  if (x.size() < 2) return Unfit("input " + ToString(x) + " has no channel axis");
  for (size_t i = 1; i < view.inputs.size(); ++i) {
    if (!view.Has(i)) return MissingInput(i);
    const Shape& vector = view.ShapeOf(i);
    if (vector.size() != 1 || !MayEqual(vector[0], x[1])) {
      return Unfit("parameter of shape " + ToString(vector) + " for input " + ToString(x));
    }
  }
  return Same(view);
}

Expected<void> CheckBatchNormalization(const NodeView& view) {
  NACRE_TRY(const bool training, view.Flag("training_mode", false));
  if (training) return Unfit("BatchNormalization in training mode");
  return {};
}

// Scale and bias are broadcast to the axes that are normalised. The further outputs are mean and
// inverse deviation, with those axes at 1.
Outputs LayerNormalization(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  NACRE_TRY(const size_t axis, AxisAttribute(view, -1, x.size()));
  const auto from = x.begin() + static_cast<std::ptrdiff_t>(axis);
  for (size_t i = 1; i < view.inputs.size() && i < 3; ++i) {
    if (!view.Has(i)) continue;
    if (view.ShapeOf(i).size() > x.size()) return Unfit("a scale larger than its input");
    NACRE_CHECK_OK(Broadcast(Shape(from, x.end()), view.ShapeOf(i)));
  }
  Shape moments(x.begin(), from);
  moments.resize(x.size(), 1);
  const Value normal{"", view.TypeOf(0), x}, moment{"", DataType::kFloat, moments};
  return std::vector<Value>{normal, moment, moment};
}

Outputs OverAxis(const NodeView& view) {
  NACRE_CHECK_OK(AxisAttribute(view, -1, view.ShapeOf(0).size()));
  return Same(view);
}

Outputs OverAxes(const NodeView& view) {
  NACRE_TRY(const std::vector<int64_t> axes, view.Ints("axes", {0, 2, 3}));
  NACRE_CHECK_OK(AxisList(axes, view.ShapeOf(0).size()));
  return Same(view);
}

Outputs AcrossChannels(const NodeView& view) {
  if (view.ShapeOf(0).size() < 2) return Unfit("an input without a channel axis");
  NACRE_TRY(const int64_t size, view.Int("size", 0));
  if (size < 1) return Unfit("a window of " + std::to_string(size) + " channels");
  return Same(view);
}

}  // namespace

std::vector<RuleEntry> NormRules() {
  return {{"BatchNormalization", 5, PerChannel, CheckBatchNormalization},
          {"InstanceNormalization", 3, PerChannel},
          {"LayerNormalization", 2, LayerNormalization},
          {"LpNormalization", 1, OverAxis},
          {"MeanVarianceNormalization", 1, OverAxes},
          {"LRN", 1, AcrossChannels}};
}

}  // namespace nacre::graph_internal
