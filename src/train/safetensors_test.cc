#include "train/safetensors.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

SafeTensors Example() {
  return {{{"a", Tensor::Floats({2, 2}, {1, -2, 3.5f, 1e-30f})},
           {"b", Tensor::Ints({3}, {1, 2, -3})},
           {"c", Tensor::Int32s({}, {7})},
           {"none", Tensor::Floats({0}, {})}},
          {{"step", "12"}}};
}

TEST(SafeTensors, ReadsWhatItWrites) {
  const auto read = ReadSafeTensors(WriteSafeTensors(Example()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->tensors, Example().tensors);
  EXPECT_EQ(read->metadata, Example().metadata);
}

TEST(SafeTensors, LaysOutTheFileAsSpecified) {
  const std::string bytes = WriteSafeTensors({{{"w", Tensor::Floats({1}, {1})}}, {}});
  const uint64_t length = static_cast<unsigned char>(bytes[0]);
  EXPECT_EQ(length % 8, 0u);
  EXPECT_EQ(bytes.size(), 8 + length + 4);
  EXPECT_EQ(
      bytes.substr(8, length).find(R"({"w":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}})"),
      0u);
  EXPECT_EQ(bytes.substr(8 + length), std::string("\0\0\x80\x3f", 4));
}

TEST(SafeTensors, RefusesEveryTruncation) {
  const std::string bytes = WriteSafeTensors(Example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto read = ReadSafeTensors(bytes.substr(0, size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().kind, ErrorKind::kData);
  }
}

TEST(SafeTensors, RefusesAHeaderThatLies) {
  std::string bytes = WriteSafeTensors({{{"w", Tensor::Floats({1}, {1})}}, {}});
  bytes.replace(bytes.find("[0,4]"), 5, "[0,9]");
  EXPECT_FALSE(ReadSafeTensors(bytes));
  bytes.replace(bytes.find("[0,9]"), 5, "[0,3]");
  EXPECT_FALSE(ReadSafeTensors(bytes));
  bytes.replace(bytes.find("[0,3]"), 5, "[0,4]");
  EXPECT_TRUE(ReadSafeTensors(bytes));
  bytes.replace(bytes.find("F32"), 3, "F08");
  EXPECT_FALSE(ReadSafeTensors(bytes));
}

TEST(SafeTensors, RefusesToWriteOtherTypes) {
  EXPECT_THROW(WriteSafeTensors({{{"w", Tensor::Uint8s({1}, {1})}}, {}}), std::logic_error);
}

}  // namespace
}  // namespace nacre
