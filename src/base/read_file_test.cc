#include "base/read_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace nacre {
namespace {

using ::testing::HasSubstr;

TEST(ReadWholeFile, GivesAllBytesOrTheReason) {
  const auto path =
      std::filesystem::temp_directory_path() / ("nacre-read-file-" + std::to_string(getpid()));
  std::string bytes(100000, 'x');
  bytes[70000] = '\0';
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_EQ(ReadWholeFile(path).value(), bytes);
  std::filesystem::remove(path);
  const auto missing = ReadWholeFile(path);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kData);
  EXPECT_THAT(missing.error().message, HasSubstr("cannot be opened: No such file"));
  EXPECT_THAT(ReadWholeFile(std::filesystem::temp_directory_path()).error().message,
              HasSubstr("cannot be read: Is a directory"));
}

}  // namespace
}  // namespace nacre
