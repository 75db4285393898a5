// Operations that rearrange the dimensions and keep every element.
#include <algorithm>

#include "graph/shape_rules.h"

namespace nacre::graph_internal {
namespace {

// Takes the names that are in both shapes out of both: they stand for the same factor.
void CancelNames(Shape& in, Shape& out) {
  for (auto it = out.begin(); it != out.end();) {
    const auto twin = *it < kDynamic ? std::find(in.begin(), in.end(), *it) : in.end();
    if (twin == in.end()) {
      ++it;
      continue;
    }
    in.erase(twin);
    it = out.erase(it);
  }
}

// What the dimension written -1 in `out` must be (`hole`), given all elements of `in`.
Expected<int64_t> InferHole(Shape in, Shape out, size_t hole) {
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(hole));
  CancelNames(in, out);
  Shape names, sizes;
  for (int64_t dimension : in) (dimension < 0 ? names : sizes).push_back(dimension);
  const int64_t have = Product(sizes), divisor = Product(out);
  if (divisor <= 0 || have < 0 || names.size() > 1) return kDynamic;
  if (names.size() == 1) return have == divisor ? names[0] : kDynamic;
  if (have % divisor != 0) {
    return Unfit("elements of " + ToString(in) + " into rows of " + std::to_string(divisor));
  }
  return have / divisor;
}

// What entry i of the wanted shape `out` asks for: a size, a name, or kDynamic for -1.
Expected<int64_t> WantedDimension(const Shape& out, size_t i, const Shape& x, bool zero_copies) {
  if (out[i] != 0 || !zero_copies) return out[i];
  if (i < x.size()) return x[i];
  return Unfit("shape copies dimension " + std::to_string(i) + " of " + ToString(x));
}

// The dimensions that the wanted shape gives, and the place of the one that it leaves open.
struct Target {
  Shape shape;
  std::optional<size_t> hole;
};

Expected<Target> ReadTarget(const Content& content, const Shape& x, bool zero_copies) {
  Target target;
  target.shape = content.values.ToInts();
  for (size_t i = 0; i < target.shape.size(); ++i) {
    int64_t& size = target.shape[i];
    if (const int64_t name = content.NameAt(static_cast<int64_t>(i)); name != 0) {
      size = name;
      continue;
    }
    if (size < 0 && (size != -1 || target.hole.has_value())) {
      return Unfit("shape " + ToString(target.shape) + " leaves more than one dimension open");
    }
    if (size == -1) target.hole = i;
    NACRE_TRY(size, WantedDimension(target.shape, i, x, zero_copies));
  }
  return target;
}

// The target is not known; its length may be.
Outputs ReshapeByLength(const NodeView& view) {
  const Shape& length = view.ShapeOf(1);
  if (length.size() != 1 || length[0] < 0) return NothingKnown();
  if (length[0] > kMostAxes) return Unfit("a shape of " + std::to_string(length[0]) + " axes");
  return Single(view.TypeOf(0), Shape(static_cast<size_t>(length[0]), kDynamic));
}

Outputs Reshape(const NodeView& view) {
  const Content* content = view.ContentOf(1);
  if (content == nullptr) return ReshapeByLength(view);
  const Shape& x = view.ShapeOf(0);
  NACRE_TRY(const bool allow_zero, view.Flag("allowzero", false));
  NACRE_TRY(Target target, ReadTarget(*content, x, !allow_zero));
  Shape& out = target.shape;
  if (target.hole.has_value()) {
    NACRE_TRY(out[*target.hole], InferHole(x, out, *target.hole));
    return Single(view.TypeOf(0), std::move(out));
  }
  const int64_t have = Product(x), want = Product(out);
  if (have >= 0 && want >= 0 && have != want) {
    return Unfit("input " + ToString(x) + " cannot become " + ToString(out));
  }
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Flatten(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  const int64_t rank = static_cast<int64_t>(x.size());
  NACRE_TRY(int64_t axis, view.Int("axis", 1));
  if (axis < -rank || axis > rank) return Unfit("axis " + std::to_string(axis));
  if (axis < 0) axis += rank;
  const auto middle = x.begin() + axis;
  return Single(view.TypeOf(0), {Product(x.begin(), middle), Product(middle, x.end())});
}

Outputs Transpose(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  NACRE_TRY(std::vector<int64_t> order, view.Ints("perm"));
  if (order.empty()) {
    for (size_t i = x.size(); i-- > 0;) order.push_back(static_cast<int64_t>(i));
  }
  NACRE_TRY(order, AxisList(order, x.size()));
  if (order.size() != x.size()) return Unfit("perm does not fit " + ToString(x));
  Shape out;
  for (int64_t axis : order) out.push_back(x[static_cast<size_t>(axis)]);
  return Single(view.TypeOf(0), std::move(out));
}

// Without axes Squeeze removes all dimensions of 1; nothing where one may be 1 or not.
std::optional<std::vector<int64_t>> AxesOfOne(const Shape& x) {
  std::vector<int64_t> axes;
  for (size_t i = 0; i < x.size(); ++i) {
    if (x[i] < 0) return std::nullopt;
    if (x[i] == 1) axes.push_back(static_cast<int64_t>(i));
  }
  return axes;
}

Outputs Squeeze(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  const auto given = view.Has(1) ? view.KnownInts(1) : AxesOfOne(x);
  if (!given) return NothingKnown();
  NACRE_TRY(const std::vector<int64_t> axes, AxisList(*given, x.size()));
  Shape out;
  for (size_t i = 0; i < x.size(); ++i) {
    if (!Contains(axes, i)) {
      out.push_back(x[i]);
    } else if (!MayEqual(x[i], 1)) {
      return Unfit("axis " + std::to_string(i) + " of " + ToString(x) + " is not 1");
    }
  }
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Unsqueeze(const NodeView& view) {
  const auto given = view.KnownInts(1);
  if (!given) return NothingKnown();
  Shape out = view.ShapeOf(0);
  NACRE_TRY(std::vector<int64_t> axes, AxisList(*given, out.size() + given->size()));
  std::sort(axes.begin(), axes.end());
  for (int64_t axis : axes) out.insert(out.begin() + axis, 1);
  return Single(view.TypeOf(0), std::move(out));
}

// `size` times `factor`, or over it; nothing when it cannot be divided.
std::optional<int64_t> Scaled(int64_t size, int64_t factor, bool divide) {
  if (size < 0) return factor > 1 ? kDynamic : size;
  if (!divide) return size * factor;
  if (size % factor != 0) return std::nullopt;
  return size / factor;
}

// DepthToSpace moves blocks of channels into the image, SpaceToDepth the other way.
Outputs BlockSwap(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  NACRE_TRY(const int64_t block, view.Int("blocksize", 0));
  if (out.size() != 4 || block < 1) return Unfit("blocks in input " + ToString(out));
  const bool to_space = view.node.op == "DepthToSpace";
  for (size_t i = 1; i < 4; ++i) {
    const bool channels = i == 1;
    const auto size = Scaled(out[i], channels ? block * block : block, channels == to_space);
    if (!size) return Unfit("blocks do not divide " + ToString(out));
    out[i] = *size;
  }
  return Single(view.TypeOf(0), std::move(out));
}

}  // namespace

std::vector<RuleEntry> LayoutRules() {
  return {{"Reshape", 2, Reshape},       {"Flatten", 1, Flatten},
          {"Transpose", 1, Transpose},   {"Squeeze", 1, Squeeze},
          {"Unsqueeze", 2, Unsqueeze},   {"DepthToSpace", 1, BlockSwap},
          {"SpaceToDepth", 1, BlockSwap}};
}

}  // namespace nacre::graph_internal
