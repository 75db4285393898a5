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

TEST(ReportText, SaysAgreementWhereThereAreNoLabels) {
  Report report = ExampleReport();
  report.agreement = true;
  EXPECT_THAT(ReportText(report), HasSubstr("             agreement         ms"));
  EXPECT_THAT(ReportText(report), HasSubstr("agreement with the original on 1000 unseen images"));
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

TEST(ReportText, SaysHowFarTheLossIsCertified) {
  Report report = ExampleReport();
  report.front.push_back(ExampleEntry());
  report.front[1].id = "slower";
  report.front[1].speedup_over_int8 = {1.5, 1.4, 1.6};
  EXPECT_THAT(ReportText(report), Not(HasSubstr("certified")));  // an older run: not known
  for (FrontEntry& entry : report.front) entry.drop = Drop{.value = 0.005, .high = 0.012};
  EXPECT_THAT(ReportText(report), EndsWith("no result's 95 % bound on its loss is within the "
                                           "limit"));
  report.front[1].certified = true;
  EXPECT_THAT(ReportText(report),
              EndsWith("the loss is certified (95 % bound within the limit) up to 1.50x: slower"));
  report.front[0].meets_limit = false;
  report.front[0].misses_certificate = true;
  EXPECT_THAT(ReportText(report), HasSubstr("900  not certified\n"));
}

TEST(ReportText, SaysHowOftenTheTestImagesWereLookedAt) {
  Report report = ExampleReport();
  report.looks = 1;
  EXPECT_THAT(ReportText(report), Not(HasSubstr("look")));
  report.looks = 4;
  EXPECT_THAT(ReportText(report), HasSubstr("\nlook 4 at these test images"));
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
