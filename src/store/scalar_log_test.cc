#include "store/scalar_log.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstring>
#include <fstream>
#include <vector>

namespace nacre::store_internal {
namespace {

namespace fs = std::filesystem;

TEST(Crc32c, IsThatOfTheStandard) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, appendix B.4
  EXPECT_EQ(Crc32c(""), 0u);
}

class ScalarLogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "nacre_scalars_XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  // The one file in the folder.
  std::string Bytes() const {
    const fs::path path = fs::directory_iterator(folder_)->path();
    EXPECT_NE(path.filename().string().find("tfevents"), std::string::npos);
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  fs::path folder_;
};

// TFRecord's mask: readers refuse a record whose checksum is not this.
uint32_t Masked(uint32_t crc) { return (crc >> 15 | crc << 17) + 0xA282EAD8u; }

uint32_t ChecksumAt(const std::string& bytes, size_t at) {
  uint32_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + at, sizeof checksum);
  return checksum;
}

std::vector<std::string> Records(const std::string& bytes) {
  std::vector<std::string> records;
  for (size_t at = 0; at < bytes.size();) {
    uint64_t length;
    std::memcpy(&length, bytes.data() + at, sizeof length);
    EXPECT_EQ(ChecksumAt(bytes, at + 8), Masked(Crc32c(bytes.substr(at, 8))));
    records.push_back(bytes.substr(at + 12, length));
    EXPECT_EQ(ChecksumAt(bytes, at + 12 + length), Masked(Crc32c(records.back())));
    at += 16 + length;
  }
  return records;
}

TEST_F(ScalarLogTest, WritesAVersionAndThenScalars) {
  ScalarLog log(folder_);
  ASSERT_TRUE(log.Append("loss", 300, 0.5));
  ASSERT_TRUE(log.Append("loss", 301, 0.25));
  const auto records = Records(Bytes());
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].substr(9),
            "\x1a\x0d"
            "brain.Event:2");
  // step 300 as a varint; summary { value { tag: "loss" simple_value: 0.5 } }
  EXPECT_EQ(records[1].substr(9),
            std::string("\x10\xac\x02\x2a\x0d\x0a\x0b\x0a\x04loss\x15\0\0\0\x3f", 18));
}

TEST_F(ScalarLogTest, AnotherLogOfTheFolderDoesNotDisturbTheFirst) {
  ScalarLog one(folder_ / "a"), other(folder_ / "b");
  ASSERT_TRUE(one.Append("loss", 1, 1));
  ASSERT_TRUE(other.Append("loss", 1, 2));
  ASSERT_TRUE(one.Append("loss", 2, 3));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "a"), {}), 1);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "b"), {}), 1);
}

TEST_F(ScalarLogTest, AFolderThatCannotBeIsNamed) {
  std::ofstream(folder_ / "file") << "in the way";
  const auto written = ScalarLog(folder_ / "file/logs").Append("loss", 1, 1);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("file/logs"), std::string::npos);
}

}  // namespace
}  // namespace nacre::store_internal
