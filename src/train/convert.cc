#include "train/convert.h"

#include <ATen/ATen.h>

#include <cstring>
#include <map>
#include <stdexcept>

namespace nacre::train_internal {
at::ScalarType TorchType(DataType type) {
  static const std::map<DataType, at::ScalarType> types = {
      {DataType::kFloat, at::kFloat},       {DataType::kUint8, at::kByte},
      {DataType::kInt8, at::kChar},         {DataType::kInt16, at::kShort},
      {DataType::kInt32, at::kInt},         {DataType::kInt64, at::kLong},
      {DataType::kBool, at::kBool},         {DataType::kUint16, at::kInt},
      {DataType::kUint32, at::kLong},       {DataType::kUint64, at::kLong},
      {DataType::kFloat16, at::kHalf},      {DataType::kDouble, at::kDouble},
      {DataType::kBfloat16, at::kBFloat16},
  };
  const auto found = types.find(type);
  if (found != types.end()) return found->second;
  throw std::runtime_error(std::string("tensors of type ") + DataTypeName(type) +
                           " cannot be trained");
}

namespace {

bool IsWidened(DataType type) {
  return type == DataType::kUint16 || type == DataType::kUint32 || type == DataType::kUint64;
}

}  // namespace

at::Tensor ToTorch(const Tensor& tensor) {
  if (IsWidened(tensor.type())) {
    return at::tensor(tensor.ToInts(), at::kLong)
        .reshape(tensor.shape())
        .to(TorchType(tensor.type()));
  }
  at::Tensor result = at::empty(tensor.shape(), TorchType(tensor.type()));
  if (result.nbytes() > 0) std::memcpy(result.data_ptr(), tensor.bytes().data(), result.nbytes());
  const bool is_image = result.dim() == 4 && result.scalar_type() == at::kFloat;
  return is_image ? result.contiguous(at::MemoryFormat::ChannelsLast) : result;
}

Tensor FromTorch(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kFloat).contiguous();
  std::vector<std::byte> bytes(plain.nbytes());
  if (!bytes.empty()) std::memcpy(bytes.data(), plain.const_data_ptr(), bytes.size());
  return Tensor(DataType::kFloat, plain.sizes().vec(), std::move(bytes));
}

}  // namespace nacre::train_internal
