#include <algorithm>
#include <cmath>

#include "graph/fold.h"
#include "graph/fresh_names.h"

namespace nacre::graph_internal {
namespace {

int64_t ScaledSize(int64_t size, float scale) {
  return static_cast<int64_t>(std::floor(static_cast<float>(size) * scale));
}

class Settler {
 public:
  Settler(Network& network, const Facts& facts)
      : network_(network), facts_(facts), names_(network) {}

  void Run() {
    for (Node& node : network_.nodes) {
      if (node.opaque()) continue;
      if (node.op == "Reshape") SettleReshape(node);
      if (node.op == "Split") SettleSplit(node);
      if (node.op == "Expand") SettleExpand(node);
      if (node.op == "Resize") SettleResize(node);
    }
  }

 private:
  std::optional<Content> ContentOf(const std::string& value) const {
    return KnownContent(network_, facts_, value);
  }

  const Shape* ShapeOf(const std::string& value) const {
    const auto found = facts_.values.find(value);
    return found == facts_.values.end() ? nullptr : &found->second.shape;
  }

  std::string AddInitializer(const std::string& stem, Tensor value) {
    const std::string name = names_.Make(stem);
    network_.initializers[name] = std::move(value);
    return name;
  }

  // A constant target shape that leaves the batch alone, or Flatten where that is all it does.
  void SettleReshape(Node& node) {
    const auto target = ContentOf(node.inputs[1]);
    const Shape *x = ShapeOf(node.inputs[0]), *out = ShapeOf(node.outputs[0]);
    if (!target || x == nullptr || out == nullptr) return;
    const bool known = std::find(x->begin(), x->end(), kDynamic) == x->end();
    if (*out == *x && known) return Become(node, "Identity", {});
    if (out->size() == 2 && x->size() >= 2 && IsKept(*x, *out, 0)) {
      return Become(node, "Flatten", {{"axis", int64_t{1}}});
    }
    const std::vector<int64_t> before = target->values.ToInts();
    const bool has_zero = std::find(before.begin(), before.end(), 0) != before.end();
    if (node.Int("allowzero", 0) != 0 && has_zero) return;
    const std::vector<int64_t> entries = SettledEntries(*target, *x, *out);
    if (std::count(entries.begin(), entries.end(), -1) > 1) return;
    if (entries == before && target->Known()) return;
    node.inputs[1] = AddInitializer(node.outputs[0] + "/shape",
                                    Tensor::Ints({static_cast<int64_t>(entries.size())}, entries));
    node.attributes.erase("allowzero");
  }

  static void Become(Node& node, const char* op, std::map<std::string, Attribute> attributes) {
    node.op = op;
    node.inputs.resize(1);
    node.attributes = std::move(attributes);
  }

  // Dimension i is that of the input, whatever it is at run time.
  static bool IsKept(const Shape& x, const Shape& out, size_t i) {
    return i < x.size() && out[i] == x[i] && x[i] != kDynamic && x[i] != 0;
  }

  // What the target says of each dimension: 0 copies that of the input, -1 is what is left over.
  static std::vector<int64_t> SettledEntries(const Content& target, const Shape& x,
                                             const Shape& out) {
    std::vector<int64_t> entries = target.values.ToInts();
    for (size_t i = 0; i < entries.size(); ++i) {
      const bool named = target.NameAt(static_cast<int64_t>(i)) != 0;
      if (IsKept(x, out, i) && (named || i == 0)) {
        entries[i] = 0;
      } else if (named) {
        entries[i] = -1;
      } else if (entries[i] == -1 && out[i] > 0) {
        entries[i] = out[i];
      }
    }
    return entries;
  }

  // Sizes instead of a number of parts, which opset 17 does not have.
  void SettleSplit(Node& node) {
    if (!node.attributes.contains("num_outputs")) return;
    std::vector<int64_t> sizes;
    for (const std::string& output : node.outputs) {
      const Shape* out = ShapeOf(output);
      if (out == nullptr) return;
      const Expected<int64_t> axis = Axis(node.Int("axis", 0), out->size());
      if (!axis || (*out)[static_cast<size_t>(*axis)] < 0) return;
      sizes.push_back((*out)[static_cast<size_t>(*axis)]);
    }
    node.attributes.erase("num_outputs");
    node.inputs.resize(2);
    node.inputs[1] = AddInitializer(node.outputs[0] + "/sizes",
                                    Tensor::Ints({static_cast<int64_t>(sizes.size())}, sizes));
  }

  // Where the target repeats an unknown dimension of the input, 1 says the same.
  void SettleExpand(Node& node) {
    const auto target = ContentOf(node.inputs[1]);
    const Shape* x = ShapeOf(node.inputs[0]);
    if (!target || x == nullptr || target->Known()) return;
    std::vector<int64_t> entries = target->values.ToInts();
    for (size_t i = 0; i < entries.size(); ++i) {
      if (target->names[i] == 0) continue;
      const size_t axis = i + x->size() - entries.size();  // wraps where the target is longer
      if (axis >= x->size() || (*x)[axis] != target->names[i] || (*x)[axis] == kDynamic) return;
      entries[i] = 1;
    }
    node.inputs[1] = AddInitializer(node.outputs[0] + "/shape",
                                    Tensor::Ints({static_cast<int64_t>(entries.size())}, entries));
  }

  // Scales instead of sizes, so that the batch stays open.
  void SettleResize(Node& node) {
    if (node.inputs.size() < 4 || node.inputs[3].empty()) return;
    const Shape *x = ShapeOf(node.inputs[0]), *out = ShapeOf(node.outputs[0]);
    if (x == nullptr || out == nullptr || x->empty() || (*x)[0] != (*out)[0]) return;
    std::vector<float> scales;
    for (size_t i = 0; i < x->size(); ++i) {
      const int64_t from = (*x)[i], to = (*out)[i];
      if (from == to && from != kDynamic) {
        scales.push_back(1.0f);
        continue;
      }
      if (from < 1 || to < 1) return;
      float scale = static_cast<float>(to) / static_cast<float>(from);
      if (ScaledSize(from, scale) < to) scale = std::nextafter(scale, 2 * scale);  // it was rounded
      if (ScaledSize(from, scale) != to) return;
      scales.push_back(scale);
    }
    node.inputs.resize(3);
    node.inputs[2] = AddInitializer(node.outputs[0] + "/scales",
                                    Tensor::Floats({static_cast<int64_t>(scales.size())}, scales));
  }

  Network& network_;
  const Facts& facts_;
  FreshNames names_;
};

}  // namespace

void SettleTargets(Network& network, const Facts& facts) { Settler(network, facts).Run(); }

}  // namespace nacre::graph_internal
