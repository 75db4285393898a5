#include "graph/tensor.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace nacre {
namespace {

TEST(TensorTest, SharesBytesAndComparesByContent) {
  const Tensor a = Tensor::Floats({2, 2}, {1, 2, 3, 4});
  const Tensor copy = a;
  EXPECT_EQ(copy.floats().data(), a.floats().data());
  EXPECT_EQ(a, Tensor::Floats({2, 2}, {1, 2, 3, 4}));
  EXPECT_FALSE(a == Tensor::Floats({4}, {1, 2, 3, 4}));
  EXPECT_FALSE(a == Tensor::Floats({2, 2}, {1, 2, 3, 5}));
}

TEST(TensorTest, RefusesBytesThatDoNotFit) {
  EXPECT_THROW(Tensor::Floats({3}, {1, 2}), std::logic_error);
  EXPECT_THROW(Tensor::Floats({kDynamic}, {1}), std::logic_error);
  EXPECT_THROW(Tensor(DataType::kString, {0}, {}), std::logic_error);
  EXPECT_THROW(Tensor::Floats({2}, {1, 2}).Reshaped({3}), std::logic_error);
}

TEST(TensorTest, ViewsCheckTheType) {
  EXPECT_THROW(Tensor::Ints({1}, {7}).floats(), std::logic_error);
  EXPECT_THROW(Tensor().ToFloats(), std::logic_error);
  EXPECT_EQ(Tensor().count(), 0);
  EXPECT_EQ(Tensor::Scalar(2).count(), 1);
}

TEST(TensorTest, ConvertsEveryNumericType) {
  EXPECT_EQ(Tensor::Int8s({2}, {-3, 4}).ToFloats(), (std::vector<float>{-3, 4}));
  EXPECT_EQ(Tensor::Uint8s({1}, {250}).ToInts(), (std::vector<int64_t>{250}));
  EXPECT_EQ(Tensor::Int32s({1}, {-70000}).ToInts(), (std::vector<int64_t>{-70000}));
  EXPECT_EQ(Tensor::Floats({1}, {2.75f}).ToInts(), (std::vector<int64_t>{2}));
}

TEST(TensorTest, ConvertsHalfPrecisionExactly) {
  // 1.5, -2, the smallest subnormal, the largest finite number: IEEE 754 binary16, little-endian.
  const std::vector<std::byte> bytes = {std::byte{0x00}, std::byte{0x3e}, std::byte{0x00},
                                        std::byte{0xc0}, std::byte{0x01}, std::byte{0x00},
                                        std::byte{0xff}, std::byte{0x7b}};
  EXPECT_EQ(Tensor(DataType::kFloat16, {4}, bytes).ToFloats(),
            (std::vector<float>{1.5f, -2.0f, 5.9604644775390625e-8f, 65504.0f}));
  EXPECT_EQ(Tensor(DataType::kBfloat16, {1}, {std::byte{0xc0}, std::byte{0x3f}}).ToFloats(),
            (std::vector<float>{1.5f}));
}

TEST(TensorTest, DeferredValuesAreMadeOnceWhenTheyAreRead) {
  int made = 0;
  const Tensor tensor = Tensor::Deferred({2, 2}, [&made] {
    ++made;
    return std::vector<float>{1, 2, 3, 4};
  });
  EXPECT_EQ(tensor.count(), 4);
  EXPECT_EQ(tensor.byte_count(), 16);
  EXPECT_TRUE(tensor.is_deferred());
  EXPECT_EQ(made, 0);
  const Tensor row = tensor.Reshaped({4});
  EXPECT_EQ(row.floats()[3], 4.0f);
  EXPECT_EQ(tensor.ToFloats(), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(made, 1);  // shared by all copies
  EXPECT_EQ(tensor.Unmade(), tensor);
  EXPECT_EQ(made, 2);  // a tensor of its own
}

TEST(TensorTest, RecipeOfTheWrongLengthThrows) {
  const Tensor tensor = Tensor::Deferred({3}, [] { return std::vector<float>{1}; });
  EXPECT_THROW(tensor.floats(), std::logic_error);
}

TEST(TensorTest, CountsAndPrintsShapes) {
  EXPECT_EQ(ElementCount({}), 1);
  EXPECT_EQ(ElementCount({2, 0, 3}), 0);
  EXPECT_EQ(ElementCount({int64_t{1} << 62, 4, 0}), 0);
  EXPECT_THROW(ElementCount({1, kDynamic}), std::logic_error);
  EXPECT_THROW(ElementCount({int64_t{1} << 40, int64_t{1} << 40}), std::logic_error);
  EXPECT_EQ(ToString(Shape{kDynamic, 3, 32}), "[?,3,32]");
}

}  // namespace
}  // namespace nacre
