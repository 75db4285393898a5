#include "train/safetensors.h"

#include <gtest/gtest.h>

namespace nacre::train_internal {
namespace {

// A file with this header and these bytes behind it.
std::string File(const std::string& header, const std::string& data = "") {
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size());
  return bytes + header + data;
}

void ExpectDamaged(const std::string& bytes, const std::string& why) {
  const auto read = ReadSafeTensors(bytes);
  ASSERT_FALSE(read) << why;
  EXPECT_EQ(read.error().kind, ErrorKind::kData);
  EXPECT_NE(read.error().message.find(why), std::string::npos) << read.error().message;
}

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

TEST(SafeTensors, SaysWhatIsDamaged) {
  ExpectDamaged("short", "shorter than its header");
  ExpectDamaged(std::string(8, '\xff'), "shorter than its header");
  ExpectDamaged(File("{"), "parse error");
  ExpectDamaged(File(R"({"w":{"shape":[1],"data_offsets":[0,4]}})", "1234"), "dtype");
  ExpectDamaged(File(R"({"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", "1234"),
                "element type of 'w'");
  ExpectDamaged(File(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", "1234"),
                "bytes of 'w'");
  ExpectDamaged(File(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})", "1234"),
                "bytes of 'w'");
  EXPECT_FALSE(ReadSafeTensors(File(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0]}})")));
  EXPECT_FALSE(ReadSafeTensors(File(R"({"w":7})")));
  EXPECT_FALSE(ReadSafeTensors(File(R"([1,2])")));
  EXPECT_FALSE(ReadSafeTensors(File(R"({"__metadata__":{"step":7}})"))) << "not a string";
}

TEST(SafeTensors, ReadsAnEmptyFileAndOneOfMetadataAlone) {
  const auto empty = ReadSafeTensors(WriteSafeTensors({}));
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->tensors.empty());
  EXPECT_TRUE(empty->metadata.empty());
  const auto metadata = ReadSafeTensors(File(R"({"__metadata__":{"step":"7"}})"));
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->metadata.at("step"), "7");
}

TEST(SafeTensors, RefusesToWriteOtherTypes) {
  EXPECT_THROW(WriteSafeTensors({{{"w", Tensor::Uint8s({1}, {1})}}, {}}), std::logic_error);
}

}  // namespace
}  // namespace nacre::train_internal
