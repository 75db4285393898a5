#include "target/openvino_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "base/random.h"

namespace nacre::target_internal {
namespace {

struct TypePair {
  DataType ours;
  ov::element::Type theirs;
};

const std::vector<TypePair>& Types() {
  static const std::vector<TypePair> types = {
      {DataType::kFloat, ov::element::f32},    {DataType::kUint8, ov::element::u8},
      {DataType::kInt8, ov::element::i8},      {DataType::kUint16, ov::element::u16},
      {DataType::kInt16, ov::element::i16},    {DataType::kInt32, ov::element::i32},
      {DataType::kInt64, ov::element::i64},    {DataType::kBool, ov::element::boolean},
      {DataType::kFloat16, ov::element::f16},  {DataType::kDouble, ov::element::f64},
      {DataType::kUint32, ov::element::u32},   {DataType::kUint64, ov::element::u64},
      {DataType::kBfloat16, ov::element::bf16}};
  return types;
}

ov::element::Type ToOpenVino(DataType type) {
  for (const TypePair& pair : Types())
    if (pair.ours == type) return pair.theirs;
  throw std::runtime_error(fmt::format("OpenVINO has no tensor of type {}", DataTypeName(type)));
}

DataType ToNacre(const ov::element::Type& type) {
  for (const TypePair& pair : Types())
    if (pair.theirs == type) return pair.ours;
  throw std::runtime_error("nacre has no tensor of type " + type.get_type_name());
}

using Ports = std::vector<ov::Output<const ov::Node>>;

Ports SelectPorts(const Ports& ports, const std::vector<std::string>& names) {
  if (names.empty()) return ports;
  Ports ordered;
  for (const std::string& name : names) {
    const auto found = std::find_if(ports.begin(), ports.end(),
                                    [&](const auto& port) { return port.get_names().count(name); });
    if (found == ports.end()) throw std::runtime_error("the compiled model has no value " + name);
    ordered.push_back(*found);
  }
  return ordered;
}

// Standard normal floats (half of them are positive, so that no branch of an activation is idle);
// zeros for other types. A dynamic dimension counts as 1.
ov::Tensor RandomTensor(const ov::Output<const ov::Node>& port, Random& random) {
  ov::PartialShape shape = port.get_partial_shape();
  for (auto& dimension : shape)
    if (dimension.is_dynamic()) dimension = 1;
  ov::Tensor tensor(port.get_element_type(), shape.to_shape());
  std::memset(tensor.data(), 0, tensor.get_byte_size());
  if (port.get_element_type() == ov::element::f32)
    for (size_t i = 0; i < tensor.get_size(); ++i)
      tensor.data<float>()[i] = static_cast<float>(random.Normal());
  return tensor;
}

Tensor CopyTensor(const ov::Tensor& tensor) {
  const auto* bytes = static_cast<const std::byte*>(tensor.data());
  const ov::Shape& shape = tensor.get_shape();
  return Tensor(ToNacre(tensor.get_element_type()), Shape(shape.begin(), shape.end()),
                std::vector<std::byte>(bytes, bytes + tensor.get_byte_size()));
}

}  // namespace

OpenVinoNetwork::OpenVinoNetwork(ov::CompiledModel compiled, const std::vector<std::string>& inputs,
                                 const std::vector<std::string>& outputs)
    : compiled_(std::move(compiled)),
      request_(compiled_.create_infer_request()),
      inputs_(SelectPorts(compiled_.inputs(), inputs)),
      outputs_(SelectPorts(compiled_.outputs(), outputs)) {}

Expected<std::vector<Tensor>> OpenVinoNetwork::Run(std::span<const Tensor> inputs) {
  if (inputs.size() != inputs_.size())
    return Fail(ErrorKind::kTarget, fmt::format("the network takes {} input(s), {} given",
                                                inputs_.size(), inputs.size()));
  try {
    preset_in_use_ = false;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Shape& shape = inputs[i].shape();
      // OpenVINO only reads inputs, but has no constant tensor to say so.
      auto* bytes = const_cast<std::byte*>(inputs[i].bytes().data());
      request_.set_tensor(inputs_[i], ov::Tensor(ToOpenVino(inputs[i].type()),
                                                 ov::Shape(shape.begin(), shape.end()), bytes));
    }
    request_.infer();
    std::vector<Tensor> outputs;
    for (const auto& port : outputs_) outputs.push_back(CopyTensor(request_.get_tensor(port)));
    return outputs;
  } catch (const std::exception& error) {
    return Fail(ErrorKind::kTarget,
                fmt::format("OpenVINO cannot run the network: {}", error.what()));
  }
}

void OpenVinoNetwork::UsePreset() {
  if (preset_.empty()) {
    Random random(1);
    for (const auto& port : inputs_) preset_.push_back(RandomTensor(port, random));
  }
  for (size_t i = 0; i < inputs_.size(); ++i) request_.set_tensor(inputs_[i], preset_[i]);
  preset_in_use_ = true;
}

void OpenVinoNetwork::RunOnce() {
  if (!preset_in_use_) UsePreset();
  request_.infer();
}

}  // namespace nacre::target_internal
