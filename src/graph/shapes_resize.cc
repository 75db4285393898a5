// Operations that resample.
#include <cmath>

#include "graph/shape_rules.h"

namespace nacre::graph_internal {
namespace {

// A tensor without elements spells "not given".
bool IsGiven(const NodeView& view, size_t i) { return view.Has(i) && view.ShapeOf(i) != Shape{0}; }

Expected<Shape> ResizeToSizes(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  const Content* sizes = view.ContentOf(3);
  if (sizes == nullptr) return Shape(x.size(), kDynamic);
  if (sizes->values.count() != static_cast<int64_t>(x.size())) return Unfit("sizes do not fit");
  return sizes->AsShape();
}

int64_t ScaledSize(int64_t size, float factor) {
  if (factor == 1.0f) return size;
  if (size < 0) return kDynamic;
  return static_cast<int64_t>(std::floor(static_cast<float>(size) * factor));
}

Expected<Shape> ResizeByScales(const NodeView& view, size_t input) {
  Shape out = view.ShapeOf(0);
  if (!IsGiven(view, input)) return Unfit("neither scales nor sizes");
  const Content* scales = view.ContentOf(input);
  if (scales == nullptr || !scales->Known()) return Shape(out.size(), kDynamic);
  const std::vector<float> factors = scales->values.ToFloats();
  if (factors.size() != out.size()) return Unfit("scales do not fit " + ToString(out));
  for (size_t i = 0; i < out.size(); ++i) {
    if (!(factors[i] > 0)) return Unfit("a scale that is not positive");
    out[i] = ScaledSize(out[i], factors[i]);
  }
  return out;
}

// Inputs: Resize has X, roi, scales, sizes; Upsample X, scales.
Outputs Resize(const NodeView& view) {
  const bool upsample = view.node.op == "Upsample";
  const bool by_sizes = !upsample && IsGiven(view, 3);
  NACRE_TRY(Shape out, by_sizes ? ResizeToSizes(view) : ResizeByScales(view, upsample ? 1 : 2));
  return Single(view.TypeOf(0), std::move(out));
}

Expected<void> CheckResize(const NodeView& view) {
  NACRE_TRY(const std::string policy, view.String("keep_aspect_ratio_policy", "stretch"));
  NACRE_TRY(const std::string mode, view.String("coordinate_transformation_mode", ""));
  if (view.node.attributes.contains("axes") || policy != "stretch" ||
      mode == "tf_crop_and_resize") {
    return Unfit("Resize of chosen axes, by aspect ratio or of a crop");
  }
  return {};
}

}  // namespace

std::vector<RuleEntry> ResizeRules() {
  return {{"Resize", 1, Resize, CheckResize}, {"Upsample", 2, Resize}};
}

}  // namespace nacre::graph_internal
