#include "train/module.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <cstring>
#include <numeric>
#include <stdexcept>

#include "train/fake_quantize.h"

namespace nacre {
namespace {

at::ScalarType TorchType(DataType type) {
  switch (type) {
    case DataType::kFloat:
      return at::kFloat;
    case DataType::kUint8:
      return at::kByte;
    case DataType::kInt8:
      return at::kChar;
    case DataType::kInt16:
      return at::kShort;
    case DataType::kInt32:
      return at::kInt;
    case DataType::kInt64:
      return at::kLong;
    case DataType::kBool:
      return at::kBool;
    case DataType::kFloat16:
      return at::kHalf;
    case DataType::kDouble:
      return at::kDouble;
    case DataType::kBfloat16:
      return at::kBFloat16;
    default:
      throw std::runtime_error(std::string("tensors of type ") + DataTypeName(type) +
                               " cannot be trained");
  }
}

}  // namespace

at::Tensor ToTorch(const Tensor& tensor) {
  at::Tensor result = at::empty(tensor.shape(), TorchType(tensor.type()));
  if (result.nbytes() > 0) std::memcpy(result.data_ptr(), tensor.bytes().data(), result.nbytes());
  if (result.dim() == 4 && result.scalar_type() == at::kFloat) {
    return result.contiguous(at::MemoryFormat::ChannelsLast);
  }
  return result;
}

Tensor FromTorch(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kFloat).contiguous();
  std::vector<std::byte> bytes(plain.nbytes());
  if (!bytes.empty()) std::memcpy(bytes.data(), plain.const_data_ptr(), bytes.size());
  return Tensor(DataType::kFloat, plain.sizes().vec(), std::move(bytes));
}

Error FromException(const std::exception& error, const char* what) {
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  std::string message = torch ? torch->what_without_backtrace() : error.what();
  message = message.substr(0, message.find('\n'));
  return Error{ErrorKind::kInternal, std::string(what) + ": " + message};
}

TorchThreads::TorchThreads(int threads) : before_(at::get_num_threads()) {
  at::set_num_threads(threads);
}
TorchThreads::~TorchThreads() { at::set_num_threads(before_); }

int Module::Slot(const std::string& value) const {
  auto found = slots_.find(value);
  return found == slots_.end() ? -1 : found->second;
}

void Module::Run(Frame& frame, const std::vector<size_t>& steps) const {
  for (size_t index : steps) {
    const Step& step = steps_[index];
    try {
      step.apply(frame);
    } catch (const c10::Error& error) {
      throw std::runtime_error("node '" + step.node + "' (" + step.op +
                               "): " + error.what_without_backtrace());
    }
    for (int slot : step.release) frame.values[slot] = at::Tensor();
  }
}

at::Tensor Module::Forward(const at::Tensor& input, RunMode mode) const {
  Frame frame = NewFrame(mode);
  frame.values[InputSlot()] = input;
  std::vector<size_t> all(steps_.size());
  std::iota(all.begin(), all.end(), size_t{0});
  Run(frame, all);
  return frame.values[OutputSlot()];
}

std::vector<size_t> Module::StepsTo(const std::vector<int>& slots) const {
  std::set<int> needed(slots.begin(), slots.end());
  std::vector<size_t> steps;
  for (size_t i = steps_.size(); i-- > 0;) {
    bool wanted = false;
    for (int slot : steps_[i].outputs) wanted |= needed.count(slot) > 0;
    if (!wanted) continue;
    needed.insert(steps_[i].inputs.begin(), steps_[i].inputs.end());
    steps.push_back(i);
  }
  return {steps.rbegin(), steps.rend()};
}

Expected<std::vector<size_t>> Module::StepsBetween(int from, int to) const {
  std::set<int> data = {InputSlot()}, behind = {from};  // depend on the network's input; on `from`
  if (from == InputSlot()) data.clear();
  std::vector<size_t> steps;
  for (size_t index : StepsTo({to})) {
    const Step& step = steps_[index];
    bool reads_data = false, reads_behind = false;
    for (int slot : step.inputs) {
      reads_behind |= behind.count(slot) > 0;
      reads_data |= data.count(slot) > 0 && slot != from;
    }
    for (int slot : step.outputs) {
      if (slot == from) reads_behind = false, reads_data = true;
    }
    if (reads_behind && reads_data) {
      return Fail(ErrorKind::kModel,
                  "node '" + step.node + "' reads around the span: its output is no cut point");
    }
    if (reads_data) {
      data.insert(step.outputs.begin(), step.outputs.end());
      continue;
    }
    if (reads_behind) behind.insert(step.outputs.begin(), step.outputs.end());
    steps.push_back(index);
  }
  if (!behind.count(to))
    return Fail(ErrorKind::kModel, "the network's output does not depend on the span's output");
  return steps;
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

bool Module::HasBatchNorm(const std::vector<size_t>& steps) const {
  for (size_t index : steps) {
    if (steps_[index].op == "BatchNormalization") return true;
  }
  return false;
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
    if (!parameter.step) put(parameter.name, parameter.tensor);
  }
  for (const auto& [name, slot] : statistics_) put(name, fixed_[slot]);
  return network;
}

}  // namespace nacre
