#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <regex>

#include "report/html.h"
#include "testing/example_report.h"

namespace nacre::report_internal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Circle {
  double x, y, radius;
};

std::vector<Circle> Circles(const std::string& svg) {
  static const std::regex pattern("<circle cx=\"([^\"]*)\" cy=\"([^\"]*)\" r=\"([^\"]*)\"");
  std::vector<Circle> circles;
  for (std::sregex_iterator match(svg.begin(), svg.end(), pattern), end; match != end; ++match) {
    circles.push_back({std::stod((*match)[1]), std::stod((*match)[2]), std::stod((*match)[3])});
  }
  return circles;
}

std::vector<double> BarLengths(const std::string& svg) {
  static const std::regex pattern("<rect [^>]*width=\"([^\"]*)\"");
  std::vector<double> lengths;
  for (std::sregex_iterator match(svg.begin(), svg.end(), pattern), end; match != end; ++match) {
    lengths.push_back(std::stod((*match)[1]));
  }
  return lengths;
}

// Within the axes, and no figure is NaN or infinite.
void ExpectDrawable(const std::string& svg) {
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  for (const Circle& circle : Circles(svg)) {
    EXPECT_GE(circle.x, 70);
    EXPECT_LE(circle.x, 700);
    EXPECT_GE(circle.y, 20);
    EXPECT_LE(circle.y, 300);
  }
}

TEST(FrontSvg, DrawsTrialsOriginalAndResults) {
  const std::string svg = FrontSvg(ExampleReport());
  const auto circles = Circles(svg);
  ASSERT_THAT(circles, SizeIs(3));  // the failed trial is not drawn
  ExpectDrawable(svg);
  // Trial 0.2 ms, 85 %; original (INT8) 0.5 ms, 89.8 %; result 0.2 ms, 89.3 %.
  EXPECT_EQ(circles[0].radius, 3.5);
  EXPECT_EQ(circles[0].x, circles[2].x);
  EXPECT_LT(circles[2].x, circles[1].x);  // faster is farther left
  EXPECT_LT(circles[1].y, circles[2].y);  // more accurate is higher up
  EXPECT_LT(circles[2].y, circles[0].y);
  EXPECT_THAT(svg, HasSubstr("rung 1: 85.00 % on validation images"));
}

TEST(FrontSvg, ComparesWithTheOriginalOfTheTargetsPrecision) {
  Report report = ExampleReport();
  report.trials.clear();
  report.precision = Precision::kFp32;
  const auto circles = Circles(FrontSvg(report));  // original 1 ms, 90 %; result 0.4 ms, 89.4 %
  ASSERT_THAT(circles, SizeIs(2));
  EXPECT_GT(circles[0].x, circles[1].x);
  EXPECT_LT(circles[0].y, circles[1].y);
}

TEST(FrontSvg, ColoursWhatMissesTheLimit) {
  Report report = ExampleReport();
  EXPECT_THAT(FrontSvg(report), HasSubstr("r=\"7\" fill=\"var(--new)\""));
  report.front[0].meets_limit = false;
  EXPECT_THAT(FrontSvg(report), HasSubstr("r=\"7\" fill=\"var(--bad)\""));
}

TEST(FrontSvg, OnePointAloneHasARange) {
  Report report = ExampleReport();
  report.trials.clear();
  report.front.clear();
  const std::string svg = FrontSvg(report);
  const auto circles = Circles(svg);
  ASSERT_THAT(circles, SizeIs(1));
  ExpectDrawable(svg);
  EXPECT_NEAR(circles[0].x, (70 + 700) / 2.0, 0.1);
  EXPECT_NEAR(circles[0].y, (300 + 20) / 2.0, 0.1);
  report.baseline_int8.latency.median_ms = 1e13;  // a margin that is not lost in rounding
  ExpectDrawable(FrontSvg(report));
}

TEST(FrontSvg, NoPointAtAllLeavesTheAxes) {
  Report report;
  report.baseline_int8.latency.median_ms = kNaN;
  const std::string svg = FrontSvg(report);
  EXPECT_THAT(Circles(svg), SizeIs(0));
  ExpectDrawable(svg);
  EXPECT_THAT(svg, HasSubstr("latency, ms"));
}

TEST(FrontSvg, AFigureThatIsNotANumberDoesNotHideTheOthers) {
  Report report = ExampleReport();
  report.trials.push_back({"nan", kNaN, 0.5, 0, ""});
  report.trials.push_back({"inf", std::numeric_limits<double>::infinity(), 0.5, 0, ""});
  report.trials.push_back({"nan", 100, kNaN, 0, ""});
  const std::string svg = FrontSvg(report);
  EXPECT_THAT(Circles(svg), SizeIs(3));
  ExpectDrawable(svg);
}

TEST(FrontSvg, ManyPointsStayInsideTheAxes) {
  Report report = ExampleReport();
  for (int i = 0; i < 1000; ++i) {
    report.trials.push_back({"t", 1.0 * i * i, i / 1000.0, i % 3, i % 10 == 0 ? "diverged" : ""});
  }
  const std::string svg = FrontSvg(report);
  EXPECT_THAT(Circles(svg), SizeIs(3 + 900));
  ExpectDrawable(svg);
}

TEST(WaterfallSvg, BarsAreAsLongAsTheLatencies) {
  const std::string svg = WaterfallSvg(ExampleReport());
  const auto lengths = BarLengths(svg);  // 1.0, 0.5, 0.4 and 0.2 ms
  ASSERT_THAT(lengths, SizeIs(4));
  EXPECT_NEAR(lengths[1], lengths[0] / 2, 0.1);
  EXPECT_NEAR(lengths[2], lengths[0] * 0.4, 0.1);
  EXPECT_NEAR(lengths[3], lengths[0] * 0.2, 0.1);
  EXPECT_THAT(svg, HasSubstr("0.2000 ms, 5.00x"));
}

TEST(WaterfallSvg, WithoutAResultThereAreTheOriginals) {
  Report report = ExampleReport();
  report.front.clear();
  EXPECT_THAT(BarLengths(WaterfallSvg(report)), SizeIs(2));
}

TEST(WaterfallSvg, LatenciesOfZeroOrNaNDrawNothing) {
  EXPECT_THAT(BarLengths(WaterfallSvg(Report{})), ::testing::Each(0));
  Report report = ExampleReport();
  report.front[0].int8.latency.median_ms = kNaN;
  const auto lengths = BarLengths(WaterfallSvg(report));
  ASSERT_THAT(lengths, SizeIs(4));
  EXPECT_GT(lengths[0], 0);
  EXPECT_EQ(lengths[3], 0);
}

}  // namespace
}  // namespace nacre::report_internal
