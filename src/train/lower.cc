#include <ATen/ATen.h>

#include "graph/adjacency.h"
#include "graph/operations.h"
#include "train/fake_quantize.h"
#include "train/fuse.h"
#include "train/module.h"
#include "train/operators.h"
#include "train/roles.h"

namespace nacre {

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
    if (options_.weight_bits == 0)
      chains_ = FindNormChains(network_, [this](const std::string& value) { return Kept(value); });
    for (const auto& [name, tensor] : network_.initializers) AddInitializer(name, tensor);
    for (const Node& node : network_.nodes) {
      if (auto added = AddNode(node); !added) {
        return Fail(ErrorKind::kModel,
                    "node '" + node.name + "' (" + node.op + "): " + added.error().message);
      }
    }
    for (const Value& output : network_.outputs) {
      if (!module_.slots_.count(output.name)) {
        return Fail(ErrorKind::kModel, "output '" + output.name + "' has no producer");
      }
    }
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
    at::Tensor value = ToTorch(tensor);
    const auto role = roles_.of.find(name);
    if (value.scalar_type() == at::kFloat && role != roles_.of.end()) {
      if (role->second == Role::kStatistic) {
        module_.statistics_[name] = slot;
      } else {
        value.set_requires_grad(true);
        const auto free = roles_.scale_free.find(name);
        module_.parameters_.push_back({name, value,
                                       role->second == Role::kWeight && value.dim() > 1,
                                       free == roles_.scale_free.end() ? 0 : free->second});
      }
    }
    module_.fixed_[slot] = value;
  }

  // Whether a step may write into this value: a fresh tensor that only this step reads and whose
  // producer does not need its own result for the gradient.
  bool MayOverwrite(const std::string& value) const {
    const auto from = adjacency_.Producer(value);
    return from && TraitsOf(network_.nodes[*from].op).overwritable &&
           adjacency_.SoleReader(value) && !Kept(value);
  }

  bool Quantizes(const Node& node) const {
    if (options_.weight_bits == 0) return false;
    const Quantization quantization = TraitsOf(node.op).quantization;
    if (quantization == Quantization::kWeighted) {
      return node.op != "MatMul" || network_.Initializer(node.inputs.at(1)) != nullptr;
    }
    return quantization == Quantization::kSum && !network_.Initializer(node.inputs.at(0)) &&
           !network_.Initializer(node.inputs.at(1));
  }

  int AddBuffer(const std::string& value, const char* what, const at::Tensor& initial) {
    const std::string name = "range:" + value + ":" + what;
    const int slot = NewSlot(name);
    module_.fixed_[slot] = initial;
    module_.ranges_[name] = slot;
    return slot;
  }

  // Logarithms of factors on the steps of a value's quantizer.
  int AddFactor(const std::string& value, int64_t channels) {
    const std::string name = "step:" + value;
    const int slot = NewSlot(name);
    module_.fixed_[slot] = at::zeros({channels}).set_requires_grad(true);
    module_.parameters_.push_back({.name = name, .tensor = module_.fixed_[slot], .step = true});
    return slot;
  }

  // The slot of the factors on the steps of a node's weight; -1: it has none that are learned.
  int LearnedWeight(const Node& node) {
    if (!Quantizes(node) || node.op == "Add") return -1;
    const std::string& name = node.inputs.at(1);
    const Tensor* weight = network_.Initializer(name);
    if (weight == nullptr || (node.op != "Conv" && weight->shape().size() != 2)) return -1;
    if (const auto found = module_.slots_.find("step:" + name); found != module_.slots_.end())
      return found->second;
    const bool rows = node.op == "Conv" || (node.op == "Gemm" && node.Int("transB", 0) != 0);
    const int64_t axis = rows ? 0 : 1;
    const int slot = AddFactor(name, weight->shape()[static_cast<size_t>(axis)]);
    module_.learned_weights_.push_back({module_.slots_.at(name), slot, axis});
    return slot;
  }

  // The slot of a value behind 8-bit fake quantisation; one step a value, whoever reads it.
  int Quantized(const std::string& value) {
    const std::string name = "quantized:" + value;
    if (auto found = module_.slots_.find(name); found != module_.slots_.end()) return found->second;
    const int x = module_.slots_.at(value), y = NewSlot(name);
    QuantizedActivation slots{.x = x, .y = y};
    const float infinity = std::numeric_limits<float>::infinity();
    slots.low = AddBuffer(value, "low", at::full({1}, infinity));
    slots.high = AddBuffer(value, "high", at::full({1}, -infinity));
    slots.factor = AddFactor(value, 1);
    module_.learned_activations_[value] = slots;
    module_.steps_.push_back({value, "FakeQuantize", {x}, {y}, {}, ActivationQuantizer(slots)});
    return y;
  }

  Expected<void> AddNode(const Node& node) {
    if (node.opaque())
      return Fail(ErrorKind::kModel, "is opaque and cannot be trained: " + node.frozen_reason);
    if (chains_.earlier.count(&node)) return {};
    if (const auto chain = chains_.by_last.find(&node); chain != chains_.by_last.end()) {
      NodeView view{.node = *chain->second.norm, .relu = chain->second.relu};
      std::vector<std::string> inputs = view.node.inputs;
      inputs.resize(5);
      if (!chain->second.residual.empty()) inputs.push_back(chain->second.residual);
      return AddStep(view, inputs, node.outputs);
    }
    return AddStep({.node = node,
                    .weight_bits = Quantizes(node) ? options_.weight_bits : 0,
                    .factor = LearnedWeight(node),
                    .bf16 = options_.bf16},
                   node.inputs, node.outputs);
  }

  Expected<void> AddStep(NodeView view, const std::vector<std::string>& inputs,
                         const std::vector<std::string>& outputs) {
    const Node& node = view.node;
    const Lowering lowering = Find(node.op);
    if (!lowering || !node.domain.empty())
      return Fail(ErrorKind::kModel, "this operation cannot be trained");
    for (size_t i = 0; i < inputs.size(); ++i) {
      const std::string& input = inputs[i];
      if (!input.empty() && !module_.slots_.count(input)) {
        return Fail(ErrorKind::kModel, "input '" + input + "' has no producer before it");
      }
      const bool quantized = view.weight_bits > 0 && (i == 0 || (i == 1 && node.op == "Add"));
      view.in.push_back(input.empty() ? -1
                        : quantized   ? Quantized(input)
                                      : module_.slots_.at(input));
      view.overwrite.push_back(!quantized && MayOverwrite(input));
    }
    for (const std::string& output : outputs)
      view.out.push_back(output.empty() ? -1 : NewSlot(output));
    NACRE_TRY(Apply apply, lowering(view));
    Step step{node.name.empty() ? outputs.at(0) : node.name, node.op, {}, {}, {}, std::move(apply)};
    for (int slot : view.in) {
      if (slot >= 0) step.inputs.push_back(slot);
    }
    for (int slot : view.out) {
      if (slot >= 0) step.outputs.push_back(slot);
    }
    module_.steps_.push_back(std::move(step));
    return {};
  }

  static Lowering Find(const std::string& op) {
    for (const auto* table : {&LayerOperators(), &ElementwiseOperators(), &ShapeOperators()}) {
      if (auto found = table->find(op); found != table->end()) return found->second;
    }
    return nullptr;
  }

  void PlanReleases() {
    std::set<int> stay;
    for (const auto& [name, slot] : module_.slots_) {
      if (Kept(name) || module_.fixed_[slot].defined()) stay.insert(slot);
    }
    std::map<int, size_t> last;
    for (size_t i = 0; i < module_.steps_.size(); ++i) {
      for (int slot : module_.steps_[i].inputs) last[slot] = i;
    }
    for (const auto& [slot, step] : last) {
      if (!stay.count(slot)) module_.steps_[step].release.push_back(slot);
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

}  // namespace nacre
