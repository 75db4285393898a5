#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

#include "graph/adjacency.h"
#include "graph/operations.h"
#include "train/convert.h"
#include "train/fake_quantize.h"
#include "train/guarded.h"
#include "train/module.h"
#include "train/norm_chains.h"
#include "train/operators.h"
#include "train/roles.h"

namespace nacre::train_internal {
namespace {

// Names of slots that no value of the network has. Those of scales and ranges are part of stored
// training states and must not change.
std::string ScaleName(const std::string& value) { return "step:" + value; }
std::string RangeName(const std::string& value, const char* end) {
  return "range:" + value + ":" + end;
}
std::string QuantizedName(const std::string& value) { return "quantized:" + value; }

Lowering FindLowering(const Node& node) {
  if (!node.domain.empty()) return nullptr;
  const auto found = AllOperators().find(node.op);
  return found == AllOperators().end() ? nullptr : found->second;
}

// Slots without those of optional inputs and outputs that are not there.
std::vector<int> Given(std::vector<int> slots) {
  std::erase(slots, -1);
  return slots;
}

// Of an operation that is quantised: its second input is a weight, unless it adds two activations.
bool IsActivationInput(const Node& node, size_t input) {
  return input == 0 || (input == 1 && node.op == "Add");
}

// Axis of the output channels in the second input of an operation with weights.
int64_t ChannelAxis(const Node& node) {
  const bool rows = node.op == "Conv" || (node.op == "Gemm" && node.Int("transB", 0) != 0);
  return rows ? 0 : 1;
}

}  // namespace

// Walks the nodes once; holds what only lowering needs.
class Lowerer {
 public:
  Lowerer(const Network& network, const LowerOptions& options)
      : network_(network), options_(options), adjacency_(network) {}

  Expected<Module> Build() {
    if (network_.inputs.size() != 1 || network_.outputs.empty()) {
      return Fail(ErrorKind::kModel, "network '" + network_.name + "' has " +
                                         std::to_string(network_.inputs.size()) +
                                         " inputs: only networks with one input can be trained");
    }
    module_.input_ = network_.inputs[0].name;
    module_.output_ = network_.outputs[0].name;
    module_.weight_bits_ = options_.weight_bits;
    NewSlot(module_.input_);
    roles_ = FindRoles(network_);
    // Under fake quantisation nothing is joined: what stands between is rounded.
    if (options_.weight_bits == 0)
      chains_ = FindNormChains(network_, [this](const std::string& value) { return Kept(value); });
    for (const auto& [name, tensor] : network_.initializers) AddInitializer(name, tensor);
    NACRE_CHECK_OK(AddNodes());
    PlanReleases();
    return std::move(module_);
  }

 private:
  bool Kept(const std::string& value) const {
    return options_.keep.count(value) || network_.IsOutput(value);
  }

  int NewSlot(const std::string& name) {
    const int slot = static_cast<int>(module_.fixed_.size());
    module_.slots_[name] = slot;
    module_.fixed_.emplace_back();
    return slot;
  }

  void AddInitializer(const std::string& name, const Tensor& tensor) {
    const int slot = NewSlot(name);
    module_.fixed_[slot] = ToTorch(tensor);
    const auto role = roles_.of.find(name);
    if (module_.fixed_[slot].scalar_type() != at::kFloat || role == roles_.of.end()) return;
    if (role->second == Role::kStatistic) {
      module_.statistics_[name] = slot;
    } else {
      AddParameter(name, slot, role->second == Role::kWeight);
    }
  }

  void AddParameter(const std::string& name, int slot, bool is_weight) {
    at::Tensor& value = module_.fixed_[slot];
    value.set_requires_grad(true);
    const auto free = roles_.scale_free.find(name);
    module_.parameters_.push_back(
        {.name = name,
         .tensor = value,
         .decay = is_weight && value.dim() > 1,
         .scale_free = free == roles_.scale_free.end() ? 0 : free->second});
  }

  // Whether an operation may write into this value: a fresh tensor that only this operation reads
  // and whose producer does not need its own result for the gradient.
  bool MayOverwrite(const std::string& value) const {
    const auto from = adjacency_.Producer(value);
    return from && TraitsOf(network_.nodes[*from].op).overwritable &&
           adjacency_.SoleReader(value) && !Kept(value);
  }

  bool IsConstant(const Node& node, size_t input) const {
    return network_.Initializer(node.inputs.at(input)) != nullptr;
  }

  bool Quantizes(const Node& node) const {
    if (options_.weight_bits == 0) return false;
    const Quantization quantization = TraitsOf(node.op).quantization;
    if (quantization == Quantization::kWeighted) {
      return node.op != "MatMul" || IsConstant(node, 1);
    }
    return quantization == Quantization::kSum && !IsConstant(node, 0) && !IsConstant(node, 1);
  }

  int AddRangeEnd(const std::string& value, const char* end, float initial) {
    const std::string name = RangeName(value, end);
    const int slot = NewSlot(name);
    module_.fixed_[slot] = at::full({1}, initial);
    module_.ranges_[name] = slot;
    return slot;
  }

  // Logarithms of factors on the scales of a value's quantizer.
  int AddFactor(const std::string& value, int64_t channels) {
    const std::string name = ScaleName(value);
    const int slot = NewSlot(name);
    module_.fixed_[slot] = at::zeros({channels}).set_requires_grad(true);
    module_.parameters_.push_back(
        {.name = name, .tensor = module_.fixed_[slot], .quantizer_scale = true});
    return slot;
  }

  // The weight of a node that is fake-quantised with learned scales; null: it has none.
  const Tensor* QuantizedWeight(const Node& node) const {
    if (!Quantizes(node) || node.op == "Add") return nullptr;
    const Tensor* weight = network_.Initializer(node.inputs.at(1));
    const bool fits = weight && (node.op == "Conv" || weight->shape().size() == 2);
    return fits ? weight : nullptr;
  }

  // The slot of the factors on the scales of a node's weight; -1: it has none that are learned.
  int FactorOfWeight(const Node& node) {
    const Tensor* weight = QuantizedWeight(node);
    if (weight == nullptr) return -1;
    const std::string& name = node.inputs.at(1);
    if (const int known = module_.Slot(ScaleName(name)); known >= 0) return known;
    const int64_t axis = ChannelAxis(node);
    const int slot = AddFactor(name, weight->shape()[static_cast<size_t>(axis)]);
    module_.learned_weights_.push_back({module_.slots_.at(name), slot, axis});
    return slot;
  }

  // The slot of a value behind 8-bit fake quantisation; one quantizer a value, whoever reads it.
  int QuantizedSlot(const std::string& value) {
    if (const int known = module_.Slot(QuantizedName(value)); known >= 0) return known;
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    QuantizedActivation slots{.x = module_.slots_.at(value), .y = NewSlot(QuantizedName(value))};
    slots.low = AddRangeEnd(value, "low", kInfinity);
    slots.high = AddRangeEnd(value, "high", -kInfinity);
    slots.factor = AddFactor(value, 1);
    module_.learned_activations_[value] = slots;
    module_.operations_.push_back({.node = value,
                                   .op = "FakeQuantize",
                                   .inputs = {slots.x},
                                   .outputs = {slots.y},
                                   .apply = ActivationQuantizer(slots)});
    return slots.y;
  }

  Expected<void> AddNodes() {
    for (const Node& node : network_.nodes) {
      if (auto added = AddNode(node); !added) {
        return Fail(ErrorKind::kModel,
                    "node '" + node.name + "' (" + node.op + "): " + added.error().message);
      }
    }
    for (const Value& output : network_.outputs) {
      if (!module_.slots_.count(output.name))
        return Fail(ErrorKind::kModel, "output '" + output.name + "' has no producer");
    }
    return {};
  }

  Expected<void> AddNode(const Node& node) {
    if (node.opaque())
      return Fail(ErrorKind::kModel, "is opaque and cannot be trained: " + node.frozen_reason);
    if (chains_.earlier.count(&node)) return {};
    if (const auto chain = chains_.by_last.find(&node); chain != chains_.by_last.end())
      return AddChain(chain->second, node);
    return AddOperation({.node = node,
                         .weight_bits = Quantizes(node) ? options_.weight_bits : 0,
                         .factor = FactorOfWeight(node),
                         .bf16 = options_.bf16},
                        node.inputs, node.outputs);
  }

  // The residual becomes input 5 of the batch-norm, which has five of its own.
  Expected<void> AddChain(const NormChain& chain, const Node& last) {
    std::vector<std::string> inputs = chain.norm->inputs;
    inputs.resize(5);
    if (!chain.residual.empty()) inputs.push_back(chain.residual);
    return AddOperation({.node = *chain.norm, .relu = chain.relu}, inputs, last.outputs);
  }

  Expected<void> AddOperation(NodeView view, const std::vector<std::string>& inputs,
                              const std::vector<std::string>& outputs) {
    const Node& node = view.node;
    const Lowering lowering = FindLowering(node);
    if (!lowering) return Fail(ErrorKind::kModel, "this operation cannot be trained");
    for (size_t i = 0; i < inputs.size(); ++i) {
      const bool quantized = view.weight_bits > 0 && IsActivationInput(node, i);
      NACRE_TRY(const int slot, SlotOfInput(inputs[i], quantized));
      view.in.push_back(slot);
      view.overwrite.push_back(!quantized && MayOverwrite(inputs[i]));
    }
    for (const std::string& output : outputs)
      view.out.push_back(output.empty() ? -1 : NewSlot(output));
    NACRE_TRY(Apply apply, lowering(view));
    module_.operations_.push_back({.node = node.name.empty() ? outputs.at(0) : node.name,
                                   .op = node.op,
                                   .inputs = Given(view.in),
                                   .outputs = Given(view.out),
                                   .apply = std::move(apply)});
    return {};
  }

  // -1 for an optional input that is not given.
  Expected<int> SlotOfInput(const std::string& input, bool quantized) {
    if (input.empty()) return -1;
    const int slot = module_.Slot(input);
    if (slot < 0) return Fail(ErrorKind::kModel, "input '" + input + "' has no producer before it");
    return quantized ? QuantizedSlot(input) : slot;
  }

  void PlanReleases() {
    std::set<int> stay;
    for (const auto& [name, slot] : module_.slots_) {
      if (Kept(name) || module_.fixed_[slot].defined()) stay.insert(slot);
    }
    std::map<int, size_t> last;
    for (size_t i = 0; i < module_.operations_.size(); ++i) {
      for (int slot : module_.operations_[i].inputs) last[slot] = i;
    }
    for (const auto& [slot, operation] : last) {
      if (!stay.count(slot)) module_.operations_[operation].release.push_back(slot);
    }
  }

  const Network& network_;
  const LowerOptions& options_;
  Module module_;
  const Adjacency adjacency_;
  Roles roles_;
  NormChains chains_;
};

Expected<Module> Module::Lower(const Network& network, const LowerOptions& options) {
  return Guarded("lowering",
                 [&]() -> Expected<Module> { return Lowerer(network, options).Build(); });
}

}  // namespace nacre::train_internal
