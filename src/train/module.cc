#include "train/module.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "train/convert.h"
#include "train/fake_quantize.h"

namespace nacre::train_internal {
namespace {

bool HasAny(const std::vector<int>& slots, const std::set<int>& wanted) {
  return std::any_of(slots.begin(), slots.end(), [&](int slot) { return wanted.count(slot) > 0; });
}

}  // namespace

int Module::Slot(const std::string& value) const {
  auto found = slots_.find(value);
  return found == slots_.end() ? -1 : found->second;
}

void Module::Run(Frame& frame, const std::vector<size_t>& operations) const {
  for (size_t index : operations) {
    const Operation& operation = operations_[index];
    try {
      operation.apply(frame);
    } catch (const c10::Error& error) {
      throw std::runtime_error("node '" + operation.node + "' (" + operation.op +
                               "): " + error.what_without_backtrace());
    }
    for (int slot : operation.release) frame.values[slot] = at::Tensor();
  }
}

at::Tensor Module::Forward(const at::Tensor& input, RunMode mode) const {
  Frame frame = NewFrame(mode);
  frame.values[InputSlot()] = input;
  std::vector<size_t> all(operations_.size());
  std::iota(all.begin(), all.end(), size_t{0});
  Run(frame, all);
  return frame.values[OutputSlot()];
}

std::vector<size_t> Module::OperationsTo(const std::vector<int>& slots) const {
  std::set<int> needed(slots.begin(), slots.end());
  std::vector<size_t> backwards;
  for (size_t i = operations_.size(); i-- > 0;) {
    if (!HasAny(operations_[i].outputs, needed)) continue;
    needed.insert(operations_[i].inputs.begin(), operations_[i].inputs.end());
    backwards.push_back(i);
  }
  return {backwards.rbegin(), backwards.rend()};
}

Expected<std::vector<size_t>> Module::OperationsBetween(int from, int to) const {
  std::set<int> before = {InputSlot()};  // slots that depend on the input other than through `from`
  before.erase(from);
  std::set<int> behind = {from};  // slots that depend on `from`
  std::vector<size_t> between;
  for (size_t index : OperationsTo({to})) {
    const Operation& operation = operations_[index];
    const bool makes_from = HasAny(operation.outputs, {from});
    const bool reads_before = makes_from || HasAny(operation.inputs, before);
    const bool reads_behind = !makes_from && HasAny(operation.inputs, behind);
    if (reads_before && reads_behind) {
      return Fail(ErrorKind::kModel, "node '" + operation.node +
                                         "' reads around the span: its output is not a cut point");
    }
    if (reads_before) {
      before.insert(operation.outputs.begin(), operation.outputs.end());
      before.erase(from);
      continue;
    }
    if (reads_behind) behind.insert(operation.outputs.begin(), operation.outputs.end());
    between.push_back(index);  // what reads constants alone is needed, too
  }
  if (!behind.count(to))
    return Fail(ErrorKind::kModel, "the network's output does not depend on the span's output");
  return between;
}

Module Module::Twin() const {
  Module twin = *this;
  for (Parameter& parameter : twin.parameters_) {
    parameter.tensor = parameter.tensor.detach().set_requires_grad(true);
    twin.fixed_[twin.slots_.at(parameter.name)] = parameter.tensor;
  }
  for (const auto* buffers : {&statistics_, &ranges_}) {
    for (const auto& [name, slot] : *buffers) twin.fixed_[slot] = fixed_[slot].clone();
  }
  return twin;
}

std::map<std::string, at::Tensor> Module::Statistics() const {
  std::map<std::string, at::Tensor> result;
  for (const auto& [name, slot] : statistics_) result[name] = fixed_[slot];
  return result;
}

std::map<std::string, at::Tensor> Module::Buffers() const {
  std::map<std::string, at::Tensor> result = Statistics();
  for (const auto& [name, slot] : ranges_) result[name] = fixed_[slot];
  return result;
}

std::vector<at::Tensor> Module::CloneStatistics() const {
  std::vector<at::Tensor> result;
  for (const auto& [name, slot] : statistics_) result.push_back(fixed_[slot].clone());
  return result;
}

void Module::SwapStatistics(std::vector<at::Tensor>& statistics) {
  size_t i = 0;
  for (const auto& [name, slot] : statistics_) std::swap(fixed_[slot], statistics.at(i++));
}

void Module::RoundWeights() {
  const at::NoGradGuard no_grad;
  for (const LearnedWeight& each : learned_weights_) {
    fixed_[each.weight].copy_(
        FakeQuantizeWeight(fixed_[each.weight], fixed_[each.factor], each.axis, weight_bits_));
  }
}

std::map<std::string, std::pair<float, float>> Module::LearnedRanges() const {
  std::map<std::string, std::pair<float, float>> ranges;
  for (const auto& [value, slots] : learned_activations_) {
    ranges[value] = LearnedRange(fixed_[slots.low], fixed_[slots.high], fixed_[slots.factor]);
  }
  return ranges;
}

Network Module::Export(Network network, const std::map<std::string, at::Tensor>& instead) const {
  auto put = [&](const std::string& name, const at::Tensor& own) {
    auto other = instead.find(name);
    network.initializers.at(name) = FromTorch(other == instead.end() ? own : other->second);
  };
  for (const Parameter& parameter : parameters_) {
    if (!parameter.quantizer_scale) put(parameter.name, parameter.tensor);
  }
  for (const auto& [name, slot] : statistics_) put(name, fixed_[slot]);
  return network;
}

}  // namespace nacre::train_internal
