#include "quantize/placement.h"

#include <algorithm>
#include <optional>

#include "graph/adjacency.h"
#include "graph/operations.h"

namespace nacre::quantize_internal {
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

// Gemm without factors that would have to be folded into the scales.
bool IsPlainGemm(const Node& node) {
  return node.op == "Gemm" && node.Int("transA", 0) == 0 && node.Float("alpha", 1) == 1 &&
         node.Float("beta", 1) == 1;
}

std::optional<int64_t> AxisByOperation(const Node& node, size_t rank) {
  if (node.op == "Conv") return 0;
  if (rank != 2) return {};
  if (node.op == "MatMul") return 1;
  if (!IsPlainGemm(node)) return {};
  return node.Int("transB", 0) != 0 ? 0 : 1;
}

bool ClipsBelowZero(const Network& network, const Node& clip) {
  if (clip.inputs.size() < 2 || clip.inputs[1].empty()) return false;
  const Tensor* low = network.Initializer(clip.inputs[1]);
  return low && low->count() == 1 && low->ToFloats()[0] >= 0;
}

// Walks the nodes once, from the inputs to the outputs.
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

  // The value comes, through activations and moves, from an operation with INT8 weights.
  bool IsFed(const std::string& value) const {
    const auto producer = adjacency_.Producer(value);
    return producer && fed_[*producer];
  }

  bool AreActivations(const std::vector<std::string>& values) const {
    return std::all_of(values.begin(), values.end(),
                       [&](const auto& value) { return IsActivation(value); });
  }

  bool HasFloatWeight(const Node& node) const {
    if (node.inputs.size() < 2) return false;
    const Tensor* weight = network_.Initializer(node.inputs[1]);
    return weight && weight->type() == DataType::kFloat && weight->count() > 0;
  }

  // Axis of the output channels in the weights of a node whose weights can become INT8.
  std::optional<int64_t> ChannelAxis(const Node& node) const {
    if (StaysFloat(node, options_) || !HasFloatWeight(node)) return {};
    if (!IsActivation(node.inputs[0])) return {};
    return AxisByOperation(node, network_.Initializer(node.inputs[1])->shape().size());
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
    if (any_fed) fed_[index] = PassesOn(node);
  }

  // Quantises the inputs of a fed node that computes in 8 bits. Returns whether what it gives is
  // fed, too.
  bool PassesOn(const Node& node) {
    const Quantization quantization = QuantizationOf(node);
    if (quantization == Quantization::kSum) {
      if (!AreActivations(node.inputs)) return false;
      for (const auto& input : node.inputs) Quantise(input);
      return true;
    }
    if (quantization == Quantization::kAverages) {
      Quantise(node.inputs[0]);
      return true;
    }
    return quantization == Quantization::kFused || MovesData(network_, node);
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

  // The values that `value` is moved from without change; empty when it is computed.
  std::vector<std::string> MovedFrom(const std::string& value) const {
    const Node* node = Producer(value);
    if (!node || StaysFloat(*node, options_) || !MovesData(network_, *node)) return {};
    std::vector<std::string> sources = node->inputs;
    if (node->op != "Concat") sources.resize(1);  // others are shapes and the like
    return AreActivations(sources) ? sources : std::vector<std::string>{};
  }

  void FindRoots(const std::string& value, std::vector<std::string>& roots) const {
    const std::vector<std::string> sources = MovedFrom(value);
    for (const auto& source : sources) FindRoots(source, roots);
    const bool known = std::find(roots.begin(), roots.end(), value) != roots.end();
    if (sources.empty() && !known) roots.push_back(value);
  }

  // The representative of a value's group (union-find).
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
    for (const auto& node : network_.nodes) {
      for (const auto& output : node.outputs) add(output);
    }
    return std::move(result_);
  }

  const Network& network_;
  const QuantizeOptions& options_;
  const Adjacency adjacency_;
  std::unordered_map<std::string, std::string> parent_;  // of the union-find
  std::unordered_map<std::string, size_t> groups_;       // by representative
  std::vector<bool> fed_;                                // by node
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
  if (node.op == "Clip") return ClipsBelowZero(network, node);
  const bool keeps_sign = QuantizationOf(node) == Quantization::kAverages ||
                          (MovesData(network, node) && node.op != "Concat");
  return keeps_sign && IsNonNegative(network, node.inputs[0]);
}

Placement Place(const Network& network, const QuantizeOptions& options) {
  return Placer(network, options).Run();
}

}  // namespace nacre::quantize_internal

namespace nacre {

std::vector<std::string> QuantizedValues(const Network& network, const QuantizeOptions& options) {
  return quantize_internal::Place(network, options).values;
}

}  // namespace nacre
