#include "store/write_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace nacre {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class WriteFileTest : public ::testing::Test {
 protected:
  WriteFileTest() {
    std::string name = (fs::temp_directory_path() / "nacre-write-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~WriteFileTest() override { fs::remove_all(folder_); }

  std::string Read(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  int64_t Files() const { return std::distance(fs::directory_iterator(folder_), {}); }

  fs::path folder_;
};

TEST_F(WriteFileTest, WriteFileAtomicallyReplacesAndLeavesNothingElse) {
  ASSERT_TRUE(WriteFileAtomically(folder_ / "front.json", "old"));
  ASSERT_TRUE(WriteFileAtomically(folder_ / "front.json", "new"));
  EXPECT_EQ(Read("front.json"), "new");
  EXPECT_EQ(Files(), 1);
  const auto missing = WriteFileAtomically(folder_ / "none" / "front.json", "x");
  EXPECT_THAT(missing.error().message, HasSubstr("none/front.json: No such file or directory"));
  fs::create_directories(folder_ / "taken" / "inside");
  EXPECT_FALSE(WriteFileAtomically(folder_ / "taken", "x"));
  EXPECT_EQ(Files(), 2);
}

// A reader that opens the file at any moment sees one of the texts, whole.
TEST_F(WriteFileTest, ReadersSeeTheOldBytesOrTheNew) {
  const std::string ones(100000, '1'), twos(100000, '2');
  ASSERT_TRUE(WriteFileAtomically(folder_ / "file", ones));
  std::vector<std::jthread> writers;
  for (const std::string* text : {&ones, &twos}) {
    writers.emplace_back([this, text] {
      for (int i = 0; i < 30; ++i) EXPECT_TRUE(WriteFileAtomically(folder_ / "file", *text));
    });
  }
  for (int i = 0; i < 100; ++i) {
    const std::string seen = Read("file");
    EXPECT_TRUE(seen == ones || seen == twos) << seen.size();
  }
  writers.clear();
  EXPECT_EQ(Files(), 1);  // two writers of one path do not share a temporary file
}

TEST_F(WriteFileTest, AppendToFileCreatesAndAppends) {
  ASSERT_TRUE(AppendToFile(folder_ / "log", "one\n"));
  ASSERT_TRUE(AppendToFile(folder_ / "log", std::string("t\0o\n", 4)));
  EXPECT_EQ(Read("log"), std::string("one\nt\0o\n", 8));
  const auto failed = AppendToFile(folder_ / "none" / "log", "x");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("none/log: No such file or directory"));
}

TEST_F(WriteFileTest, AFailureNamesPathReasonAndRemedy) {
  const Error full = WriteFailure("/run/x", ENOSPC).value();
  EXPECT_EQ(full.kind, ErrorKind::kInternal);
  EXPECT_EQ(
      full.message,
      "cannot write /run/x: No space left on device: free some space on that disk and resume");
  EXPECT_THAT(WriteFailure("/run/x", EACCES).value().message,
              HasSubstr("Permission denied: choose a folder that can be written"));
  EXPECT_EQ(WriteFailure("/run/x", EIO).value().message, "cannot write /run/x: Input/output error");
}

TEST_F(WriteFileTest, AFolderThatIsMissingCannotBeSynced) {
  EXPECT_TRUE(SyncFolder(folder_));
  EXPECT_FALSE(SyncFolder(folder_ / "none"));
}

}  // namespace
}  // namespace nacre
