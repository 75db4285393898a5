#include "graph/tensor.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <type_traits>

namespace nacre {
namespace {

template <typename T>
std::vector<std::byte> BytesOf(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <typename T>
std::span<const T> ViewAs(const Tensor& tensor, DataType type) {
  if (tensor.type() != type) {
    throw std::logic_error(std::string("tensor holds ") + DataTypeName(tensor.type()) + ", not " +
                           DataTypeName(type));
  }
  return {reinterpret_cast<const T*>(tensor.bytes().data()), tensor.bytes().size() / sizeof(T)};
}

// IEEE 754 binary16 to binary32; exact.
float FromHalf(uint16_t half) {
  const float sign = (half & 0x8000) != 0 ? -1.0f : 1.0f;
  const int exponent = (half >> 10) & 0x1f;
  const int mantissa = half & 0x3ff;
  if (exponent == 0x1f) return mantissa == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
  return sign * std::ldexp(static_cast<float>(mantissa + 0x400), exponent - 25);
}

float FromBfloat(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

template <typename To, typename From, typename Convert>
void CopyAs(std::span<const std::byte> bytes, std::vector<To>& out, Convert convert) {
  out.resize(bytes.size() / sizeof(From));
  for (size_t i = 0; i < out.size(); ++i) {
    From value;
    std::memcpy(&value, bytes.data() + i * sizeof(From), sizeof(From));
    out[i] = static_cast<To>(convert(value));
  }
}

template <typename To>
std::vector<To> Convert(const Tensor& tensor) {
  std::vector<To> out;
  const auto same = [](auto value) { return value; };
  const std::span<const std::byte> bytes = tensor.bytes();
  switch (tensor.type()) {
    case DataType::kFloat:
      CopyAs<To, float>(bytes, out, same);
      break;
    case DataType::kDouble:
      CopyAs<To, double>(bytes, out, same);
      break;
    case DataType::kUint8:
    case DataType::kBool:
      CopyAs<To, uint8_t>(bytes, out, same);
      break;
    case DataType::kInt8:
      CopyAs<To, int8_t>(bytes, out, same);
      break;
    case DataType::kUint16:
      CopyAs<To, uint16_t>(bytes, out, same);
      break;
    case DataType::kInt16:
      CopyAs<To, int16_t>(bytes, out, same);
      break;
    case DataType::kUint32:
      CopyAs<To, uint32_t>(bytes, out, same);
      break;
    case DataType::kInt32:
      CopyAs<To, int32_t>(bytes, out, same);
      break;
    case DataType::kUint64:
      CopyAs<To, uint64_t>(bytes, out, same);
      break;
    case DataType::kInt64:
      CopyAs<To, int64_t>(bytes, out, same);
      break;
    case DataType::kFloat16:
      CopyAs<To, uint16_t>(bytes, out, FromHalf);
      break;
    case DataType::kBfloat16:
      CopyAs<To, uint16_t>(bytes, out, FromBfloat);
      break;
    default:
      throw std::logic_error(std::string("no numbers in a tensor of ") +
                             DataTypeName(tensor.type()));
  }
  return out;
}

}  // namespace

size_t ElementSize(DataType type) {
  switch (type) {
    case DataType::kUint8:
    case DataType::kInt8:
    case DataType::kBool:
      return 1;
    case DataType::kUint16:
    case DataType::kInt16:
    case DataType::kFloat16:
    case DataType::kBfloat16:
      return 2;
    case DataType::kFloat:
    case DataType::kInt32:
    case DataType::kUint32:
      return 4;
    case DataType::kDouble:
    case DataType::kInt64:
    case DataType::kUint64:
      return 8;
    default:
      return 0;
  }
}

const char* DataTypeName(DataType type) {
  switch (type) {
    case DataType::kUndefined:
      return "undefined";
    case DataType::kFloat:
      return "float";
    case DataType::kUint8:
      return "uint8";
    case DataType::kInt8:
      return "int8";
    case DataType::kUint16:
      return "uint16";
    case DataType::kInt16:
      return "int16";
    case DataType::kInt32:
      return "int32";
    case DataType::kInt64:
      return "int64";
    case DataType::kString:
      return "string";
    case DataType::kBool:
      return "bool";
    case DataType::kFloat16:
      return "float16";
    case DataType::kDouble:
      return "double";
    case DataType::kUint32:
      return "uint32";
    case DataType::kUint64:
      return "uint64";
    case DataType::kBfloat16:
      return "bfloat16";
  }
  return "unknown";
}

int64_t ElementCount(const Shape& shape) {
  const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  int64_t count = empty ? 0 : 1;  // [2^62, 4, 0] has no elements, and none too many
  for (int64_t dimension : shape) {
    if (dimension < 0) throw std::logic_error("shape " + ToString(shape) + " is dynamic");
    if (__builtin_mul_overflow(count, dimension, &count)) {
      throw std::logic_error("shape " + ToString(shape) + " has too many elements");
    }
  }
  return count;
}

std::string ToString(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ',';
    text += shape[i] < 0 ? "?" : std::to_string(shape[i]);
  }
  return text + "]";
}

// Bytes, or what makes them.
struct Tensor::Storage {
  explicit Storage(std::vector<std::byte> made) : bytes(std::move(made)) {}
  Storage(Recipe how, int64_t count) : recipe(std::move(how)), byte_count(count) {}

  const std::vector<std::byte>& Bytes() const {
    if (!recipe) return bytes;
    std::call_once(once, [this] {
      bytes = recipe();
      if (static_cast<int64_t>(bytes.size()) != byte_count) {
        throw std::logic_error("the recipe of a deferred tensor makes " +
                               std::to_string(bytes.size()) + " bytes, not " +
                               std::to_string(byte_count));
      }
    });
    return bytes;
  }

  Recipe recipe;  // null: the bytes are there
  int64_t byte_count = 0;
  mutable std::once_flag once;
  mutable std::vector<std::byte> bytes;
};

Tensor::Tensor(DataType type, Shape shape, std::vector<std::byte> bytes)
    : type_(type), shape_(std::move(shape)) {
  const size_t element = ElementSize(type);
  if (element == 0) throw std::logic_error(std::string("no tensors of ") + DataTypeName(type));
  if (bytes.size() % element != 0 ||
      static_cast<int64_t>(bytes.size() / element) != ElementCount(shape_)) {
    throw std::logic_error(std::to_string(bytes.size()) + " bytes do not fill a " +
                           DataTypeName(type) + " tensor of shape " + ToString(shape_));
  }
  storage_ = std::make_shared<const Storage>(std::move(bytes));
}

Tensor Tensor::Deferred(DataType type, Shape shape, Recipe recipe) {
  Tensor tensor;
  tensor.type_ = type;
  tensor.shape_ = std::move(shape);
  const int64_t bytes = ElementCount(tensor.shape_) * static_cast<int64_t>(ElementSize(type));
  tensor.storage_ = std::make_shared<const Storage>(std::move(recipe), bytes);
  return tensor;
}

Tensor Tensor::Deferred(Shape shape, std::function<std::vector<float>()> recipe) {
  return Deferred(DataType::kFloat, std::move(shape),
                  [recipe = std::move(recipe)] { return BytesOf(recipe()); });
}

Tensor Tensor::DeferredInt8s(Shape shape, std::function<std::vector<int8_t>()> recipe) {
  return Deferred(DataType::kInt8, std::move(shape),
                  [recipe = std::move(recipe)] { return BytesOf(recipe()); });
}

bool Tensor::is_deferred() const { return storage_ != nullptr && storage_->recipe; }

Tensor Tensor::Unmade() const {
  if (!is_deferred()) return *this;
  Tensor result = *this;
  result.storage_ = std::make_shared<const Storage>(storage_->recipe, storage_->byte_count);
  return result;
}

Tensor Tensor::Floats(Shape shape, const std::vector<float>& values) {
  return Tensor(DataType::kFloat, std::move(shape), BytesOf(values));
}
Tensor Tensor::Ints(Shape shape, const std::vector<int64_t>& values) {
  return Tensor(DataType::kInt64, std::move(shape), BytesOf(values));
}
Tensor Tensor::Int8s(Shape shape, const std::vector<int8_t>& values) {
  return Tensor(DataType::kInt8, std::move(shape), BytesOf(values));
}
Tensor Tensor::Uint8s(Shape shape, const std::vector<uint8_t>& values) {
  return Tensor(DataType::kUint8, std::move(shape), BytesOf(values));
}
Tensor Tensor::Int32s(Shape shape, const std::vector<int32_t>& values) {
  return Tensor(DataType::kInt32, std::move(shape), BytesOf(values));
}
Tensor Tensor::Scalar(float value) { return Floats({}, {value}); }

int64_t Tensor::count() const { return storage_ == nullptr ? 0 : ElementCount(shape_); }

std::span<const std::byte> Tensor::bytes() const {
  if (storage_ == nullptr) return {};
  return storage_->Bytes();
}

std::span<const float> Tensor::floats() const { return ViewAs<float>(*this, DataType::kFloat); }
std::span<const int64_t> Tensor::ints() const { return ViewAs<int64_t>(*this, DataType::kInt64); }
std::vector<float> Tensor::ToFloats() const { return Convert<float>(*this); }
std::vector<int64_t> Tensor::ToInts() const { return Convert<int64_t>(*this); }

Tensor Tensor::Reshaped(Shape shape) const {
  if (storage_ == nullptr || ElementCount(shape) != count()) {
    throw std::logic_error("a tensor of shape " + ToString(shape_) + " cannot become " +
                           ToString(shape));
  }
  Tensor result = *this;
  result.shape_ = std::move(shape);
  return result;
}

bool Tensor::operator==(const Tensor& other) const {
  if (type_ != other.type_ || shape_ != other.shape_) return false;
  if (storage_ == other.storage_) return true;
  const auto mine = bytes(), theirs = other.bytes();
  return mine.size() == theirs.size() &&
         (mine.empty() || std::memcmp(mine.data(), theirs.data(), mine.size()) == 0);
}

}  // namespace nacre
