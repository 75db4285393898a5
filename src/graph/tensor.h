// Tensor: typed, shaped, immutable bytes; a copy shares them. The currency between the rooms, so no
// third party here.
//
// A deferred tensor knows type and shape, and a recipe for its bytes, which are made when somebody
// first reads them. So a network can be described, hashed by its structure and priced before any of
// its weights exist.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace nacre {

// Numbers are those of onnx.TensorProto.DataType.
enum class DataType {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16
};

// Bytes of one element; 0 for kUndefined and kString.
size_t ElementSize(DataType type);
const char* DataTypeName(DataType type);

// Dimensions, outermost first. -1 stands for a dimension that is not known until run time.
using Shape = std::vector<int64_t>;

constexpr int64_t kDynamic = -1;

// Product of the dimensions; 1 for a scalar. Throws std::logic_error on a dynamic dimension.
int64_t ElementCount(const Shape& shape);
// "[1,3,32,32]", with "?" for a dynamic dimension.
std::string ToString(const Shape& shape);

class Tensor {
 public:
  Tensor() = default;
  // Takes ownership. Throws std::logic_error when the byte count does not fit type and shape.
  Tensor(DataType type, Shape shape, std::vector<std::byte> bytes);

  // A tensor whose elements `recipe` makes, once, when they are first read. The recipe must always
  // make the same elements, ElementCount(shape) of them (a read throws std::logic_error otherwise),
  // and must be thread-safe.
  static Tensor Deferred(Shape shape, std::function<std::vector<float>()> recipe);
  static Tensor DeferredInt8s(Shape shape, std::function<std::vector<int8_t>()> recipe);

  static Tensor Floats(Shape shape, const std::vector<float>& values);
  static Tensor Ints(Shape shape, const std::vector<int64_t>& values);
  static Tensor Int8s(Shape shape, const std::vector<int8_t>& values);
  static Tensor Uint8s(Shape shape, const std::vector<uint8_t>& values);
  static Tensor Int32s(Shape shape, const std::vector<int32_t>& values);
  static Tensor Scalar(float value);

  DataType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  int64_t count() const;
  std::span<const std::byte> bytes() const;

  // Views; throw std::logic_error when the type differs.
  std::span<const float> floats() const;
  std::span<const int64_t> ints() const;
  // Copies with conversion from any numeric type.
  std::vector<float> ToFloats() const;
  std::vector<int64_t> ToInts() const;

  bool is_deferred() const;
  // Of the elements; nothing is made for it.
  int64_t byte_count() const { return count() * static_cast<int64_t>(ElementSize(type_)); }
  // The same tensor; where it was deferred, with bytes of its own that are not made yet: what reads
  // it does not fill the memory of whoever keeps this one.
  Tensor Unmade() const;

  // The same bytes under another shape of equal element count.
  Tensor Reshaped(Shape shape) const;
  bool operator==(const Tensor& other) const;

 private:
  DataType type_ = DataType::kUndefined;
  Shape shape_;
  struct Storage;
  using Recipe = std::function<std::vector<std::byte>()>;
  static Tensor Deferred(DataType type, Shape shape, Recipe recipe);

  std::shared_ptr<const Storage> storage_;
};

}  // namespace nacre
