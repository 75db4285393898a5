#include "graph/shape_rules.h"

#include <algorithm>
#include <stdexcept>

namespace nacre::graph_internal {
namespace {

template <typename T>
Expected<T> AttributeOr(const Node& node, const std::string& key, T otherwise) {
  const auto found = node.attributes.find(key);
  if (found == node.attributes.end()) return otherwise;
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  return Unfit("attribute '" + key + "' of " + node.op + " node '" + node.name +
               "' has another type");
}

// Dimension i of a shape that is written against `rank` dimensions, aligned at the last.
int64_t Aligned(const Shape& shape, size_t rank, size_t i) {
  const size_t missing = rank - shape.size();
  return i < missing ? 1 : shape[i - missing];
}

// Nothing when both are numbers that clash.
std::optional<int64_t> BroadcastDimension(int64_t left, int64_t right) {
  if (left == right || right == 1) return left;
  if (left == 1) return right;
  if (left >= 0 && right >= 0) return std::nullopt;
  if (left < 0 && right < 0) return kDynamic;
  return std::max(left, right);
}

}  // namespace

const std::map<std::string, RuleEntry>& ShapeRules() {
  static const std::map<std::string, RuleEntry> all = [] {
    std::map<std::string, RuleEntry> rules;
    for (const auto& family :
         {ElementwiseRules(), WindowRules(), LayoutRules(), SelectionRules(), MatrixRules(),
          ConstantRules(), NormRules(), ReduceRules(), ResizeRules()}) {
      for (const RuleEntry& entry : family) rules.emplace(entry.op, entry);
    }
    return rules;
  }();
  return all;
}

const RuleEntry* FindShapeRule(const std::string& op) {
  const auto found = ShapeRules().find(op);
  return found == ShapeRules().end() ? nullptr : &found->second;
}

bool Content::Known() const {
  return std::all_of(names.begin(), names.end(), [](int64_t entry) { return entry == 0; });
}

Shape Content::AsShape() const {
  Shape shape = values.ToInts();
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] != 0) shape[i] = names[i];
  }
  return shape;
}

const Value& NodeView::Given(size_t i) const {
  if (!Has(i)) throw std::logic_error("input " + std::to_string(i) + " is missing");
  return *inputs[i];
}

const Content* NodeView::ContentOf(size_t i) const {
  return i < contents.size() && contents[i].has_value() ? &*contents[i] : nullptr;
}

std::optional<std::vector<int64_t>> NodeView::KnownInts(size_t i) const {
  const Content* content = ContentOf(i);
  if (content == nullptr || !content->Known()) return std::nullopt;
  return content->values.ToInts();
}

Expected<int64_t> NodeView::Int(const std::string& key, int64_t otherwise) const {
  return AttributeOr<int64_t>(node, key, otherwise);
}

Expected<bool> NodeView::Flag(const std::string& key, bool otherwise) const {
  NACRE_TRY(const int64_t value, Int(key, otherwise ? 1 : 0));
  return value != 0;
}

Expected<std::string> NodeView::String(const std::string& key, const std::string& otherwise) const {
  return AttributeOr<std::string>(node, key, otherwise);
}

Expected<std::vector<int64_t>> NodeView::Ints(const std::string& key,
                                              std::vector<int64_t> otherwise) const {
  return AttributeOr<std::vector<int64_t>>(node, key, std::move(otherwise));
}

tl::unexpected<Error> MissingInput(size_t i) {
  return Unfit("input " + std::to_string(i) + " is missing");
}

Expected<Shape> Broadcast(const Shape& a, const Shape& b) {
  const size_t rank = std::max(a.size(), b.size());
  Shape result;
  for (size_t i = 0; i < rank; ++i) {
    const auto size = BroadcastDimension(Aligned(a, rank, i), Aligned(b, rank, i));
    if (!size) return Unfit("shapes " + ToString(a) + " and " + ToString(b) + " do not broadcast");
    result.push_back(*size);
  }
  return result;
}

Expected<int64_t> Axis(int64_t axis, size_t rank) {
  const int64_t count = static_cast<int64_t>(rank);
  if (axis < -count || axis >= count) {
    return Unfit("axis " + std::to_string(axis) + " of a value with " + std::to_string(rank) +
                 " dimensions");
  }
  return axis < 0 ? axis + count : axis;
}

Expected<size_t> AxisAttribute(const NodeView& view, int64_t otherwise, size_t rank) {
  NACRE_TRY(const int64_t given, view.Int("axis", otherwise));
  NACRE_TRY(const int64_t axis, Axis(given, rank));
  return static_cast<size_t>(axis);
}

Expected<std::vector<int64_t>> AxisList(const std::vector<int64_t>& axes, size_t rank) {
  std::vector<int64_t> result;
  for (int64_t axis : axes) {
    NACRE_TRY(const int64_t positive, Axis(axis, rank));
    if (std::find(result.begin(), result.end(), positive) != result.end()) {
      return Unfit("axis " + std::to_string(axis) + " given twice");
    }
    result.push_back(positive);
  }
  return result;
}

bool Contains(const std::vector<int64_t>& axes, size_t axis) {
  return std::find(axes.begin(), axes.end(), static_cast<int64_t>(axis)) != axes.end();
}

int64_t Product(Shape::const_iterator begin, Shape::const_iterator end) {
  if (std::find(begin, end, 0) != end) return 0;
  int64_t product = 1;
  int64_t name = 0;
  for (auto it = begin; it != end; ++it) {
    if (*it < 0) {
      if (name != 0) return kDynamic;
      name = *it;
    } else if (__builtin_mul_overflow(product, *it, &product)) {
      return kDynamic;
    }
  }
  if (name == 0) return product;
  return product == 1 ? name : kDynamic;
}

}  // namespace nacre::graph_internal
