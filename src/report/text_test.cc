#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/report.h"
#include "testing/example_report.h"

namespace nacre {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// A whole table, so that a column that moves is seen.
TEST(ReportText, IsATableAndALine) {
  EXPECT_EQ(ReportText(ExampleReport()),
            R"(              accuracy         ms   images/s  over INT8  over FP32       KiB
FP32 before     90.00%     1.0000       1000                    1x      4000
INT8 before     89.80%     0.5000       2000         1x                 1200
abcd1234        89.30%     0.2000       5000      2.50x      5.00x       900
accuracy on 1000 unseen images, 95 % interval about +-1.50 points; limit 89.10 %)");
}

TEST(ReportText, NamesWhatMissesTheLimit) {
  Report report = ExampleReport();
  EXPECT_THAT(ReportText(report), Not(HasSubstr("below the limit")));
  report.front[0].meets_limit = false;
  EXPECT_THAT(ReportText(report), HasSubstr("       900  below the limit\n"));
  report.front[0].broken = "is 270.1 KiB large, more than 200.0 KiB";
  EXPECT_THAT(ReportText(report), HasSubstr("900  is 270.1 KiB large, more than 200.0 KiB\n"));
  EXPECT_THAT(ReportText(report), Not(HasSubstr("below the limit")));
}

TEST(ReportText, ABatchCountsAsSoManyImages) {
  Report report = ExampleReport();
  report.batch = 64;
  EXPECT_THAT(ReportText(report), HasSubstr("320000"));
}

TEST(ReportText, AnFp32TargetShowsTheFloatNetwork) {
  Report report = ExampleReport();
  report.precision = Precision::kFp32;
  EXPECT_THAT(ReportText(report), HasSubstr("abcd1234        89.40%     0.4000"));
}

TEST(ReportText, OfNothingHasTheOriginalsOnly) {
  const std::string text = ReportText(Report{});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_THAT(text, EndsWith("limit 0.00 %"));
}

}  // namespace
}  // namespace nacre
