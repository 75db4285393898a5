// Operations that rearrange the dimensions and keep every element.
#include <algorithm>

#include "graph/shape_rules.h"

namespace nacre {
namespace {

// What the dimension written -1 in `out` must be (`hole`), given all elements of `in`.
Expected<int64_t> InferHole(Shape in, Shape out, size_t hole) {
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(hole));
  for (auto it = out.begin(); it != out.end();) {  // named dimensions on both sides cancel
    const auto twin = *it < kDynamic ? std::find(in.begin(), in.end(), *it) : in.end();
    if (twin == in.end()) {
      ++it;
      continue;
    }
    in.erase(twin);
    it = out.erase(it);
  }
  Shape names, sizes;
  for (int64_t dimension : in) (dimension < 0 ? names : sizes).push_back(dimension);
  const int64_t have = Product(sizes), divisor = Product(out);
  if (divisor < 0 || have < 0 || names.size() > 1) return kDynamic;
  if (divisor == 0) return kDynamic;
  if (names.empty()) {
    if (have % divisor != 0) {
      return Unfit("elements of " + ToString(in) + " into rows of " + std::to_string(divisor));
    }
    return have / divisor;
  }
  return have == divisor ? names[0] : kDynamic;
}

Outputs Reshape(const NodeView& view) {
  const Content* target = view.ContentOf(1);
  const Shape& x = view.ShapeOf(0);
  if (target == nullptr) {
    const Shape& length = view.ShapeOf(1);
    if (length.size() != 1 || length[0] < 0) return std::vector<Value>{};
    return Single(view.TypeOf(0), Shape(static_cast<size_t>(length[0]), kDynamic));
  }
  const bool zero_copies = view.node.Int("allowzero", 0) == 0;
  Shape out = target->values.ToInts();
  std::optional<size_t> hole;
  for (size_t i = 0; i < out.size(); ++i) {
    if (!target->names.empty() && target->names[i] != 0) {
      out[i] = target->names[i];
    } else if (out[i] == 0 && zero_copies) {
      if (i >= x.size())
        return Unfit("shape copies dimension " + std::to_string(i) + " of " + ToString(x));
      out[i] = x[i];
    } else if (out[i] == -1 && !hole.has_value()) {
      hole = i;
    } else if (out[i] < 0) {
      return Unfit("shape " + ToString(out) + " leaves more than one dimension open");
    }
  }
  if (hole.has_value()) {
    NACRE_TRY(out[*hole], InferHole(x, out, *hole));
  } else {
    const int64_t have = Product(x), want = Product(out);
    if (have >= 0 && want >= 0 && have != want) {
      return Unfit("input " + ToString(x) + " cannot become " + ToString(out));
    }
  }
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Flatten(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  const int64_t rank = static_cast<int64_t>(x.size());
  int64_t axis = view.node.Int("axis", 1);
  if (axis < -rank || axis > rank) return Unfit("axis " + std::to_string(axis));
  if (axis < 0) axis += rank;
  const auto middle = x.begin() + axis;
  return Single(view.TypeOf(0), {Product(x.begin(), middle), Product(middle, x.end())});
}

Outputs Transpose(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  std::vector<int64_t> order = view.node.Ints("perm");
  if (order.empty()) {
    for (size_t i = x.size(); i-- > 0;) order.push_back(static_cast<int64_t>(i));
  }
  NACRE_TRY(order, AxisList(order, x.size()));
  if (order.size() != x.size()) return Unfit("perm does not fit " + ToString(x));
  Shape out;
  for (int64_t axis : order) out.push_back(x[static_cast<size_t>(axis)]);
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Squeeze(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  std::vector<int64_t> axes;
  if (view.Has(1)) {
    const auto given = view.KnownInts(1);
    if (!given) return std::vector<Value>{};
    NACRE_TRY(axes, AxisList(*given, x.size()));
  } else {
    for (size_t i = 0; i < x.size(); ++i) {
      if (x[i] < 0) return std::vector<Value>{};
      if (x[i] == 1) axes.push_back(static_cast<int64_t>(i));
    }
  }
  Shape out;
  for (size_t i = 0; i < x.size(); ++i) {
    if (std::find(axes.begin(), axes.end(), static_cast<int64_t>(i)) == axes.end()) {
      out.push_back(x[i]);
    } else if (!MayEqual(x[i], 1)) {
      return Unfit("axis " + std::to_string(i) + " of " + ToString(x) + " is not 1");
    }
  }
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Unsqueeze(const NodeView& view) {
  const auto given = view.KnownInts(1);
  if (!given) return std::vector<Value>{};
  Shape out = view.ShapeOf(0);
  NACRE_TRY(std::vector<int64_t> axes, AxisList(*given, out.size() + given->size()));
  std::sort(axes.begin(), axes.end());
  for (int64_t axis : axes) out.insert(out.begin() + axis, 1);
  return Single(view.TypeOf(0), std::move(out));
}

Outputs BlockSwap(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  const int64_t block = view.node.Int("blocksize", 0);
  if (out.size() != 4 || block < 1) return Unfit("blocks in input " + ToString(out));
  const bool to_space = view.node.op == "DepthToSpace";
  for (size_t i = 1; i < 4; ++i) {
    if (out[i] < 0) {
      if (block > 1) out[i] = kDynamic;
      continue;
    }
    const int64_t factor = i == 1 ? block * block : block;
    const bool divide = (i == 1) == to_space;
    if (divide && out[i] % factor != 0) return Unfit("blocks do not divide " + ToString(out));
    out[i] = divide ? out[i] / factor : out[i] * factor;
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

}  // namespace nacre
