#include "graph/shape_rules.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "graph/operations.h"

namespace nacre {
namespace {

const std::map<std::string, RuleEntry>& Registry() {
  static const std::map<std::string, RuleEntry> registry = [] {
    std::map<std::string, RuleEntry> rules;
    for (const auto& family : {ElementwiseRules(), WindowRules(), LayoutRules(), SelectionRules(),
                               MatrixRules(), ConstantRules()}) {
      for (const RuleEntry& entry : family) rules.emplace(entry.op, entry);
    }
    return rules;
  }();
  return registry;
}

bool HasInput(const Node& node, size_t i) {
  return i < node.inputs.size() && !node.inputs[i].empty();
}

// A setting that the rules do not follow; empty when there is none.
std::string OddSetting(const Node& node) {
  const std::string& op = node.op;
  if (op == "BatchNormalization" && node.Int("training_mode", 0) != 0) {
    return "BatchNormalization in training mode";
  }
  if (op == "Constant" && !FindShapeRule("Constant")->rule(NodeView(node))) {
    return "Constant that holds no numbers";
  }
  if (op == "Resize" &&
      (node.attributes.contains("axes") ||
       node.String("keep_aspect_ratio_policy", "stretch") != "stretch" ||
       node.String("coordinate_transformation_mode", "") == "tf_crop_and_resize")) {
    return "Resize of chosen axes, by aspect ratio or of a crop";
  }
  if (op == "Cast" && ElementSize(static_cast<DataType>(node.Int("to", 0))) == 0) {
    return "Cast to a type that nacre does not hold";
  }
  if ((op == "QuantizeLinear" || op == "DequantizeLinear") && node.Int("block_size", 0) != 0) {
    return op + " in blocks";
  }
  if (op == "Pad" && HasInput(node, 3)) return "Pad of chosen axes";
  if (op == "ReduceMean" && (HasInput(node, 1) || node.Int("noop_with_empty_axes", 0) != 0)) {
    return "ReduceMean with axes as input";
  }
  if (op == "MaxPool" && node.Int("storage_order", 0) != 0) return "MaxPool in column order";
  return "";
}

}  // namespace

const RuleEntry* FindShapeRule(const std::string& op) {
  const auto found = Registry().find(op);
  return found == Registry().end() ? nullptr : &found->second;
}

bool IsUnderstood(const std::string& op) { return FindShapeRule(op) != nullptr; }

std::vector<std::string> UnderstoodOperations() {
  std::vector<std::string> names;
  for (const auto& [op, rule] : Registry()) names.push_back(op);
  return names;
}

std::string WhyNotUnderstood(const Node& node) {
  if (!node.domain.empty() && node.domain != "ai.onnx") return "domain '" + node.domain + "'";
  if (!IsUnderstood(node.op)) return "operation " + node.op + " is not known";
  try {
    return OddSetting(node);
  } catch (const std::logic_error& broken) {
    return broken.what();
  }
}

bool Content::Known() const {
  return std::all_of(names.begin(), names.end(), [](int64_t entry) { return entry == 0; });
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

Expected<Shape> Broadcast(const Shape& a, const Shape& b) {
  const size_t rank = std::max(a.size(), b.size());
  Shape result(rank);
  for (size_t i = 0; i < rank; ++i) {
    const int64_t left = i + a.size() < rank ? 1 : a[i + a.size() - rank];
    const int64_t right = i + b.size() < rank ? 1 : b[i + b.size() - rank];
    if (left == right || right == 1) {
      result[i] = left;
    } else if (left == 1) {
      result[i] = right;
    } else if (left >= 0 && right >= 0) {
      return Unfit("shapes " + ToString(a) + " and " + ToString(b) + " do not broadcast");
    } else {
      result[i] = left < 0 && right < 0 ? kDynamic : std::max(left, right);
    }
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

int64_t Product(Shape::const_iterator begin, Shape::const_iterator end) {
  if (std::find(begin, end, 0) != end) return 0;
  int64_t product = 1, name = 0;
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

}  // namespace nacre
