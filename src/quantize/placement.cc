#include "quantize/placement.h"

#include <algorithm>
#include <optional>

#include "graph/adjacency.h"
#include "graph/operations.h"

namespace nacre {
namespace {

Quantization QuantizationOf(const Node& node) { return TraitsOf(node.op).quantization; }

bool PadsByZero(const Network& network, const Node& node) {
  if (node.String("mode", "constant") != "constant") return false;
  if (node.inputs.size() < 3 || node.inputs[2].empty()) return true;
  const Tensor* value = network.Initializer(node.inputs[2]);
  return value && value->count() == 1 && value->ToFloats()[0] == 0;
}

bool HasSecondOutput(const Node& node) {
  return node.outputs.size() > 1 && !node.outputs[1].empty();
}

// Every output element is an input element (or zero), so 8 bits pass through unchanged. Indices and
// masks are other numbers: MaxPool and Dropout move data only without their second output.
bool MovesData(const Network& network, const Node& node) {
  if (QuantizationOf(node) != Quantization::kMoves) return false;
  if (node.op == "Pad") return PadsByZero(network, node);
  return node.op == "Split" || !HasSecondOutput(node);
}

class Placer {
 public:
  Placer(const Network& network, const QuantizeOptions& options)
      : network_(network), options_(options), adjacency_(network) {}

  Placement Run() {
    fed_.assign(network_.nodes.size(), false);
    for (size_t i = 0; i < network_.nodes.size(); ++i) Visit(i);
    return Finish();
  }

 private:
  const Node* Producer(const std::string& value) const {
    const auto producer = adjacency_.Producer(value);
    return producer ? &network_.nodes[*producer] : nullptr;
  }

  bool IsActivation(const std::string& value) const {
    if (adjacency_.Producer(value)) return true;
    return std::any_of(network_.inputs.begin(), network_.inputs.end(), [&](const Value& input) {
      return input.name == value && input.type == DataType::kFloat;
    });
  }

  // The output comes, through activations and moves, from an operation with INT8 weights.
  bool IsFed(const std::string& value) const {
    const auto producer = adjacency_.Producer(value);
    return producer && fed_[*producer];
  }

  std::optional<int64_t> ChannelAxis(const Node& node) const {
    if (StaysFloat(node, options_) || node.inputs.size() < 2) return {};
    const Tensor* weight = network_.Initializer(node.inputs[1]);
    if (!weight || weight->type() != DataType::kFloat || weight->count() == 0) return {};
    if (!IsActivation(node.inputs[0])) return {};
    const size_t rank = weight->shape().size();
    if (node.op == "Conv") return 0;
    if (node.op == "MatMul" && rank == 2) return 1;
    if (node.op != "Gemm" || rank != 2) return {};
    if (node.Int("transA", 0) != 0 || node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1)
      return {};
    return node.Int("transB", 0) != 0 ? 0 : 1;
  }

  void Visit(size_t index) {
    const Node& node = network_.nodes[index];
    if (StaysFloat(node, options_) || node.inputs.empty()) return;
    if (const auto axis = ChannelAxis(node)) {
      fed_[index] = true;
      result_.weighted.push_back({index, *axis});
      result_.sources.push_back(Quantise(node.inputs[0]));
      return;
    }
    const bool any_fed = std::any_of(node.inputs.begin(), node.inputs.end(),
                                     [&](const auto& input) { return IsFed(input); });
    if (!any_fed) return;
    const Quantization quantization = QuantizationOf(node);
    if (quantization == Quantization::kSum) {
      if (!IsActivation(node.inputs[0]) || !IsActivation(node.inputs[1])) return;
      for (const auto& input : node.inputs) Quantise(input);
      fed_[index] = true;
    } else if (quantization == Quantization::kAverages) {
      Quantise(node.inputs[0]);
      fed_[index] = true;
    } else {
      fed_[index] = quantization == Quantization::kFused || MovesData(network_, node);
    }
  }

  // Marks what must be 8-bit so that `value` is, and ties it together when it is more than one.
  std::vector<std::string> Quantise(const std::string& value) {
    std::vector<std::string> roots;
    FindRoots(value, roots);
    for (const auto& root : roots) {
      parent_.emplace(root, root);
      parent_[Top(root)] = Top(roots[0]);
    }
    return roots;
  }

  void FindRoots(const std::string& value, std::vector<std::string>& roots) const {
    const Node* node = Producer(value);
    const bool through = node && !StaysFloat(*node, options_) && MovesData(network_, *node);
    if (through && node->op == "Concat") {
      const bool all = std::all_of(node->inputs.begin(), node->inputs.end(),
                                   [&](const auto& input) { return IsActivation(input); });
      if (all) {
        for (const auto& input : node->inputs) FindRoots(input, roots);
        return;
      }
    } else if (through && IsActivation(node->inputs[0])) {
      return FindRoots(node->inputs[0], roots);
    }
    if (std::find(roots.begin(), roots.end(), value) == roots.end()) roots.push_back(value);
  }

  std::string Top(const std::string& value) {
    std::string& parent = parent_.at(value);
    if (parent == value) return value;
    return parent = Top(parent);
  }

  Placement Finish() {
    const auto add = [&](const std::string& value) {
      if (!parent_.contains(value)) return;
      const auto top = groups_.emplace(Top(value), groups_.size()).first;
      result_.group[value] = top->second;
      result_.values.push_back(value);
    };
    for (const auto& input : network_.inputs) add(input.name);
    for (const auto& node : network_.nodes)
      for (const auto& output : node.outputs) add(output);
    return std::move(result_);
  }

  const Network& network_;
  const QuantizeOptions& options_;
  const Adjacency adjacency_;
  std::unordered_map<std::string, std::string> parent_;
  std::unordered_map<std::string, size_t> groups_;
  std::vector<bool> fed_;
  Placement result_;
};

}  // namespace

bool StaysFloat(const Node& node, const QuantizeOptions& options) {
  if (node.opaque() || node.op == "Shape" || node.op == "Size") return true;
  return std::any_of(options.keep_float.begin(), options.keep_float.end(), [&](const auto& name) {
    return !name.empty() && (name == node.name || name == node.outputs[0]);
  });
}

bool IsNonNegative(const Network& network, const std::string& value) {
  const auto producer = network.Producer(value);
  if (!producer) return false;
  const Node& node = network.nodes[*producer];
  if (TraitsOf(node.op).non_negative) return true;
  if (node.op == "Clip") {
    if (node.inputs.size() < 2 || node.inputs[1].empty()) return false;
    const Tensor* low = network.Initializer(node.inputs[1]);
    return low && low->count() == 1 && low->ToFloats()[0] >= 0;
  }
  const bool keeps_sign = QuantizationOf(node) == Quantization::kAverages ||
                          (MovesData(network, node) && node.op != "Concat");
  return keeps_sign && IsNonNegative(network, node.inputs[0]);
}

Placement Place(const Network& network, const QuantizeOptions& options) {
  return Placer(network, options).Run();
}

std::vector<std::string> QuantizedValues(const Network& network, const QuantizeOptions& options) {
  return Place(network, options).values;
}

}  // namespace nacre
