#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace nacre {
namespace {

using testing::HasSubstr;
using testing::Not;

Report Example() {
  Report report;
  report.title = "<model> & co";
  report.command = "nacre optimize m.onnx --out \"a b\"";
  report.baseline_fp32 = {{0.9, 0.89, 0.91, 1000}, {1.0, 0.9, 1.1, 1.2}, 4000, 41000000, 270000};
  report.baseline_int8 = {
      {0.898, 0.88, 0.91, 1000}, {0.5, 0.45, 0.55, 0.6}, 1200, 41000000, 270000};
  FrontEntry entry{.id = "abcd1234", .path = "models/1-abcd1234", .architecture = "b0:keep"};
  entry.int8 = {{0.893, 0.87, 0.91, 1000}, {0.2, 0.19, 0.21, 0.22}, 900, 10000000, 90000};
  entry.fp32 = {{0.894, 0.87, 0.91, 1000}, {0.4, 0.39, 0.41, 0.42}, 3000, 10000000, 90000};
  entry.speedup_over_int8 = {2.5, 2.4, 2.6};
  entry.speedup_over_fp32 = {5.0, 4.9, 5.1};
  entry.meets_limit = true;
  entry.blocks = {{"b0", "residual [1,16,32,32]", "b0:keep", 50, 50}};
  report.front = {entry};
  report.trials = {{"t", 200, 0.85, 1, ""}, {"failed", 0, 0, 0, "compiler crashed"}};
  report.cost = {{"table", 30}};
  report.notes = {"<script>alert(1)</script>"};
  return report;
}

TEST(Report, FrontJsonHasTheDocumentedKeys) {
  const auto json = nlohmann::json::parse(FrontJson(Example()));
  ASSERT_EQ(json.size(), 1u);
  for (const char* key :
       {"id", "path", "accuracy", "accuracy_ci", "latency_ms", "images_per_second",
        "speedup_over_int8", "speedup_over_fp32", "size_bytes", "meets_limit"}) {
    EXPECT_TRUE(json[0].contains(key)) << key;
  }
  EXPECT_DOUBLE_EQ(json[0]["accuracy"], 0.893);  // the quantized network's, the target being INT8
}

TEST(Report, Fp32TargetReportsTheFloatNetwork) {
  Report report = Example();
  report.precision = "fp32";
  EXPECT_DOUBLE_EQ(nlohmann::json::parse(FrontJson(report))[0]["accuracy"], 0.894);
}

TEST(Report, ABatchCountsAsSoManyImages) {
  Report report = Example();
  report.batch = 64;
  EXPECT_DOUBLE_EQ(nlohmann::json::parse(FrontJson(report))[0]["images_per_second"], 64 / 0.0002);
  EXPECT_THAT(ReportText(report), HasSubstr("320000"));
}

TEST(Report, CsvHasOneLineAnEntry) {
  const std::string csv = FrontCsv(Example());
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2);
  EXPECT_THAT(csv, HasSubstr("1,abcd1234,models/1-abcd1234,0.893000"));
}

TEST(Report, HtmlEscapesEverythingAndFetchesNothing) {
  const std::string html = ReportHtml(Example());
  EXPECT_THAT(html, HasSubstr("&lt;model&gt; &amp; co"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, HasSubstr("2.50x"));
}

TEST(Report, SurvivesJson) {
  const Report report = Example();
  EXPECT_EQ(ReportJson(ReportFromJson(ReportJson(report))), ReportJson(report));
  EXPECT_THROW(ReportFromJson("{}"), std::logic_error);
}

TEST(Report, TextNamesWhatMissesTheLimit) {
  Report report = Example();
  EXPECT_THAT(ReportText(report), Not(HasSubstr("below the limit")));
  report.front[0].meets_limit = false;
  EXPECT_THAT(ReportText(report), HasSubstr("below the limit"));
}

}  // namespace
}  // namespace nacre
