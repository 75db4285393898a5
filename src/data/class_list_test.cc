#include "data/class_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace nacre {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ClassList : public ::testing::Test {
 protected:
  ~ClassList() override { fs::remove(file_); }

  Expected<std::vector<std::string>> Read(const std::string& text) {
    std::ofstream(file_) << text;
    return ReadClassList(file_);
  }
  std::string Failure(const std::string& text) {
    const auto names = Read(text);
    if (names) return "read";
    EXPECT_EQ(names.error().kind, ErrorKind::kData);
    return names.error().message;
  }

  fs::path file_ = fs::temp_directory_path() / ("nacre-classes-" + std::to_string(getpid()));
};

TEST_F(ClassList, IsALineForEachName) {
  EXPECT_THAT(Read("2\n10\n big apple \r\n\n").value(), ElementsAre("2", "10", "big apple"));
}

TEST_F(ClassList, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(ReadClassList("/no/such/file").error().message,
              HasSubstr("class list /no/such/file cannot be read: give one class name a line"));
  EXPECT_THAT(Failure("\n\n"), HasSubstr("has no names"));
  EXPECT_THAT(Failure("a\n\nb\n"), HasSubstr("has an empty line 2"));
  EXPECT_THAT(Failure("a\nb\na\n"), HasSubstr("has 'a' twice, again in line 3"));
}

TEST(DescribeClasses, ShowsTheirOrder) {
  EXPECT_EQ(DescribeClasses({"ant", "bee"}),
            "2 classes, in the order of the network's outputs: ant, bee");
  EXPECT_THAT(DescribeClasses({"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}),
              HasSubstr("a, b, c, d, e, f, g, h, i, ..., k"));
}

TEST(DescribeClasses, WarnsOfNumbersInTheOrderOfText) {
  EXPECT_THAT(DescribeClasses({"1", "10", "2"}), HasSubstr("give --classes FILE"));
  EXPECT_THAT(DescribeClasses({"1", "2", "10"}), ::testing::Not(HasSubstr("--classes")));
  EXPECT_THAT(DescribeClasses({"01", "02", "10"}), ::testing::Not(HasSubstr("--classes")));
}

}  // namespace
}  // namespace nacre
