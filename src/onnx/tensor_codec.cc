#include "onnx/tensor_codec.h"

#include <cstring>
#include <utility>
#include <vector>

namespace nacre::onnx_internal {
namespace {

template <typename To, typename From>
std::vector<std::byte> Narrowed(const From& numbers) {
  std::vector<std::byte> bytes(static_cast<size_t>(numbers.size()) * sizeof(To));
  size_t at = 0;
  for (const auto number : numbers) {
    const To value = static_cast<To>(number);
    std::memcpy(bytes.data() + at, &value, sizeof(To));
    at += sizeof(To);
  }
  return bytes;
}

// The typed fields, for tensors without raw_data (onnx.proto, message TensorProto, says which type
// lies where).
std::vector<std::byte> TypedBytes(const proto::TensorProto& tensor, DataType type) {
  switch (type) {
    case DataType::kFloat:
      return Narrowed<float>(tensor.float_data());
    case DataType::kDouble:
      return Narrowed<double>(tensor.double_data());
    case DataType::kInt64:
      return Narrowed<int64_t>(tensor.int64_data());
    case DataType::kUint64:
      return Narrowed<uint64_t>(tensor.uint64_data());
    case DataType::kUint32:
      return Narrowed<uint32_t>(tensor.uint64_data());
    case DataType::kInt32:
      return Narrowed<int32_t>(tensor.int32_data());
    case DataType::kInt16:
      return Narrowed<int16_t>(tensor.int32_data());
    case DataType::kUint16:
    case DataType::kFloat16:
    case DataType::kBfloat16:
      return Narrowed<uint16_t>(tensor.int32_data());
    default:
      return Narrowed<uint8_t>(tensor.int32_data());
  }
}

tl::unexpected<Error> Broken(const proto::TensorProto& tensor, const std::string& what) {
  return Fail(ErrorKind::kModel,
              "the weights '" + tensor.name() + "' " + what + "; export the model again");
}

}  // namespace

bool IsHeld(int onnx_type) { return ElementSize(static_cast<DataType>(onnx_type)) > 0; }

Expected<Tensor> DecodeTensor(const proto::TensorProto& tensor, ExternalData& files) {
  if (!IsHeld(tensor.data_type())) {
    return Broken(tensor, "have the unsupported type " + std::to_string(tensor.data_type()));
  }
  if (tensor.has_segment()) return Broken(tensor, "are stored in segments");
  const auto type = static_cast<DataType>(tensor.data_type());
  const Shape shape(tensor.dims().begin(), tensor.dims().end());
  int64_t count = 1;
  for (int64_t dimension : shape) {
    if (dimension < 0 || __builtin_mul_overflow(count, dimension, &count)) {
      return Broken(tensor, "have the impossible shape " + ToString(shape));
    }
  }
  int64_t size = 0;
  if (__builtin_mul_overflow(count, static_cast<int64_t>(ElementSize(type)), &size)) {
    return Broken(tensor, "have the impossible shape " + ToString(shape));
  }
  std::vector<std::byte> bytes;
  if (tensor.data_location() == proto::TensorProto::EXTERNAL) {
    NACRE_TRY(bytes, files.Read(tensor, static_cast<uint64_t>(size)));
  } else if (tensor.has_raw_data()) {
    const auto* begin = reinterpret_cast<const std::byte*>(tensor.raw_data().data());
    bytes.assign(begin, begin + tensor.raw_data().size());
  } else {
    bytes = TypedBytes(tensor, type);
  }
  if (static_cast<int64_t>(bytes.size()) != size) {
    return Broken(tensor, "hold " + std::to_string(bytes.size()) + " bytes, not a " +
                              DataTypeName(type) + " tensor of shape " + ToString(shape));
  }
  return Tensor(type, shape, std::move(bytes));
}

proto::TensorProto EncodeTensorType(const std::string& name, const Tensor& tensor) {
  proto::TensorProto result;
  for (int64_t dimension : tensor.shape()) result.add_dims(dimension);
  result.set_data_type(static_cast<int>(tensor.type()));
  result.set_name(name);
  return result;
}

proto::TensorProto EncodeTensor(const std::string& name, const Tensor& tensor) {
  proto::TensorProto result = EncodeTensorType(name, tensor);
  const std::span<const std::byte> bytes = tensor.bytes();
  result.set_raw_data(bytes.data(), bytes.size());
  return result;
}

}  // namespace nacre::onnx_internal
