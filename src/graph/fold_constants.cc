#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "graph/propagate.h"
#include "graph/simplify.h"

namespace nacre {
namespace {

constexpr int64_t kMaxFolded = int64_t{1} << 24;  // elements of a folded initializer

class Folder {
 public:
  Folder(const Network& network, Facts facts) : network_(network), facts_(std::move(facts)) {}

  Network Run() {
    Materialize();
    for (Node& node : network_.nodes) {
      if (node.opaque()) continue;
      if (node.op == "Reshape") SettleReshape(node);
      if (node.op == "Split") SettleSplit(node);
      if (node.op == "Expand") SettleExpand(node);
      if (node.op == "Resize") SettleResize(node);
    }
    Bypass();
    RemoveDead(network_);
    return std::move(network_);
  }

 private:
  // What is known of a value's numbers, from either place; null when nothing.
  std::optional<Content> ContentOf(const std::string& value) const {
    if (const Tensor* tensor = network_.Initializer(value)) return Content{*tensor, {}};
    const auto found = facts_.contents.find(value);
    if (found == facts_.contents.end()) return std::nullopt;
    return found->second;
  }

  const Shape* ShapeOf(const std::string& value) const {
    const auto found = facts_.values.find(value);
    return found == facts_.values.end() ? nullptr : &found->second.shape;
  }

  bool IsFoldable(const Node& node) const {
    if (node.opaque()) return false;
    return std::all_of(node.outputs.begin(), node.outputs.end(), [&](const std::string& output) {
      if (output.empty()) return true;
      const auto content = facts_.contents.find(output);
      return content != facts_.contents.end() && content->second.Known() &&
             !network_.IsOutput(output);
    });
  }

  // Nodes whose results are known become initializers.
  void Materialize() {
    std::erase_if(network_.nodes, [&](const Node& node) {
      if (!IsFoldable(node)) return false;
      for (const std::string& output : node.outputs) {
        if (!output.empty()) network_.initializers[output] = facts_.contents.at(output).values;
      }
      return true;
    });
  }

  std::string AddInitializer(const std::string& stem, Tensor value) {
    const std::string name = network_.FreshName(stem);
    network_.initializers[name] = std::move(value);
    return name;
  }

  // A constant target shape that leaves the batch alone, or Flatten where that is all it does.
  void SettleReshape(Node& node) {
    const auto target = ContentOf(node.inputs[1]);
    const Shape *x = ShapeOf(node.inputs[0]), *out = ShapeOf(node.outputs[0]);
    if (!target || x == nullptr || out == nullptr) return;
    const auto kept = [&](size_t i) {
      return i < x->size() && (*out)[i] == (*x)[i] && (*x)[i] != kDynamic && (*x)[i] != 0;
    };
    if (*out == *x && std::find(x->begin(), x->end(), kDynamic) == x->end()) {
      node.op = "Identity";
      node.inputs.resize(1);
      node.attributes.clear();
      return;
    }
    if (out->size() == 2 && x->size() >= 2 && kept(0)) {
      node.op = "Flatten";
      node.inputs.resize(1);
      node.attributes = {{"axis", int64_t{1}}};
      return;
    }
    std::vector<int64_t> entries = target->values.ToInts();
    if (node.Int("allowzero", 0) != 0 &&
        std::find(entries.begin(), entries.end(), 0) != entries.end()) {
      return;
    }
    const std::vector<int64_t> before = entries;
    for (size_t i = 0; i < entries.size(); ++i) {
      const bool named = !target->names.empty() && target->names[i] != 0;
      if (kept(i) && (named || i == 0)) {
        entries[i] = 0;
      } else if (named) {
        entries[i] = -1;
      } else if (entries[i] == -1 && (*out)[i] > 0) {
        entries[i] = (*out)[i];
      }
    }
    if (std::count(entries.begin(), entries.end(), -1) > 1) return;
    if (entries == before && target->Known()) return;
    node.inputs[1] = AddInitializer(node.outputs[0] + "/shape",
                                    Tensor::Ints({static_cast<int64_t>(entries.size())}, entries));
    node.attributes.erase("allowzero");
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
      const float scale = static_cast<float>(to) / static_cast<float>(from);
      if (static_cast<int64_t>(std::floor(static_cast<float>(from) * scale)) != to) return;
      scales.push_back(scale);
    }
    node.inputs.resize(3);
    node.inputs[2] = AddInitializer(node.outputs[0] + "/scales",
                                    Tensor::Floats({static_cast<int64_t>(scales.size())}, scales));
  }

  bool IsNoOperation(const Node& node) const {
    if (node.opaque() || node.inputs.empty()) return false;
    if (node.op == "Identity") return true;
    if (node.op == "Concat") return node.inputs.size() == 1;
    if (node.op == "Cast") {
      const auto from = facts_.values.find(node.inputs[0]), to = facts_.values.find(node.outputs[0]);
      return from != facts_.values.end() && to != facts_.values.end() &&
             from->second.type == to->second.type;
    }
    if (node.op != "Dropout") return false;
    if (node.outputs.size() > 1 && !node.outputs[1].empty() &&
        (!network_.Consumers(node.outputs[1]).empty() || network_.IsOutput(node.outputs[1]))) {
      return false;
    }
    if (node.inputs.size() < 3 || node.inputs[2].empty()) return true;
    const auto training = ContentOf(node.inputs[2]);
    return training && training->Known() && training->values.ToInts()[0] == 0;
  }

  // Joins the two sides of nodes that do nothing. Names of the network's outputs stay.
  void Bypass() {
    std::unordered_map<std::string, std::string> alias;
    const auto resolve = [&](std::string name) {
      for (auto it = alias.find(name); it != alias.end(); it = alias.find(name)) name = it->second;
      return name;
    };
    std::unordered_set<std::string> produced;
    std::vector<Node> kept;
    for (Node& node : network_.nodes) {
      if (IsNoOperation(node)) {
        const std::string in = resolve(node.inputs[0]), &out = node.outputs[0];
        if (!network_.IsOutput(out)) {
          alias[out] = in;
          continue;
        }
        if (produced.contains(in) && !network_.IsOutput(in)) {
          alias[in] = out;
          produced.insert(out);
          continue;
        }
      }
      produced.insert(node.outputs.begin(), node.outputs.end());
      kept.push_back(std::move(node));
    }
    for (Node& node : kept) {
      for (std::string& input : node.inputs) input = resolve(input);
      for (std::string& output : node.outputs) output = resolve(output);
    }
    network_.nodes = std::move(kept);
  }

  Network network_;
  const Facts facts_;
};

}  // namespace

Expected<Network> FoldConstants(const Network& network) {
  NACRE_CHECK_OK(Verify(network));
  PropagateOptions options;
  options.max_elements = kMaxFolded;
  NACRE_TRY(Facts facts, Propagate(network, options));
  Network folded = Folder(network, std::move(facts)).Run();
  NACRE_CHECK_OK(Verify(folded));
  return folded;
}

}  // namespace nacre
