#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "report/report.h"
#include "testing/example_report.h"

namespace nacre {
namespace {

using ::testing::HasSubstr;

// Every field with a value that is not its default.
Report FullReport() {
  Report report = ExampleReport();
  report.precision = Precision::kFp32;
  report.batch = 8;
  report.objective = "memory";
  report.max_drop = {.value = 0.125, .in_points = true};
  report.baseline_training_seconds = 1234.5;
  report.front.push_back(ExampleEntry());
  report.front[1].meets_limit = false;
  report.front[1].on_front = false;
  report.front[1].drop = Drop{.value = 0.01, .low = 0.002, .high = 0.03};
  report.front[1].certified = true;
  report.front[1].misses_certificate = true;
  report.front[1].role = "knee";
  report.looks = 2;
  report.front[1].broken = "is 270.1 KiB large, more than 200.0 KiB";
  return report;
}

Error ReadingError(const std::string& json) {
  const auto report = ReportFromJson(json);
  if (!report) return report.error();
  ADD_FAILURE() << "was read: " << json;
  return {};
}

TEST(ReportJson, ComesBackWithEveryField) {
  const Report report = FullReport();
  const auto read = ReportFromJson(ReportJson(report));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(ReportJson(*read), ReportJson(report));
  EXPECT_EQ(read->title, "<model> & co");
  EXPECT_EQ(read->precision, Precision::kFp32);
  EXPECT_EQ(read->batch, 8);
  EXPECT_EQ(read->objective, "memory");
  EXPECT_EQ(read->max_drop, report.max_drop);
  EXPECT_EQ(read->baseline_training_seconds, 1234.5);
  ASSERT_EQ(read->front.size(), 2u);
  EXPECT_TRUE(read->front[0].on_front);
  EXPECT_FALSE(read->front[1].on_front);
  EXPECT_EQ(read->front[1].broken, "is 270.1 KiB large, more than 200.0 KiB");
  EXPECT_FALSE(read->front[0].drop);
  ASSERT_TRUE(read->front[1].drop);
  EXPECT_EQ(read->front[1].drop->low, 0.002);
  EXPECT_EQ(read->front[1].drop->high, 0.03);
  EXPECT_EQ(read->front[0].role, report.front[0].role);
  EXPECT_EQ(read->front[1].role, "knee");
  EXPECT_TRUE(read->front[1].certified);
  EXPECT_TRUE(read->front[1].misses_certificate);
  EXPECT_EQ(read->looks, 2);
  EXPECT_EQ(read->front[0].blocks.at(0).after, "b0:<keep>");
  EXPECT_EQ(read->trials.at(1).error, "compiler <crashed>");
  EXPECT_EQ(read->cost.at(1).seconds, 12);
  EXPECT_EQ(read->notes, report.notes);
  EXPECT_EQ(read->environment_json, report.environment_json);
}

TEST(ReportJson, OlderReportsHoldTheLossAsANumber) {
  std::string json = ReportJson(Report{});
  const std::string now = "\"max_drop\": \"1%\"";
  ASSERT_NE(json.find(now), std::string::npos) << json;
  const auto read = ReportFromJson(json.replace(json.find(now), now.size(), "\"max_drop\": 0.02"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->max_drop, (MaxDrop{0.02, false}));
}

TEST(ReportJson, AnEmptyReportComesBack) {
  const auto read = ReportFromJson(ReportJson(Report{}));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->front.empty());
  EXPECT_EQ(ReportJson(*read), ReportJson(Report{}));
}

// What runs of earlier versions left can be rendered again.
TEST(ReportJson, FieldsThatAreMissingKeepTheirDefaults) {
  auto json = nlohmann::json::parse(ReportJson(ExampleReport()));
  for (const char* key : {"precision", "batch", "objective", "notes", "trials"}) json.erase(key);
  json["front"][0].erase("on_front");
  json["front"][0].erase("broken");
  json["front"][0]["int8"].erase("memory_bytes");
  const auto read = ReportFromJson(json.dump());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->precision, Precision::kInt8);
  EXPECT_EQ(read->batch, 1);
  EXPECT_EQ(read->objective, "latency");
  EXPECT_TRUE(read->front.at(0).on_front);
  EXPECT_EQ(read->front[0].int8.memory_bytes, 0);
}

TEST(ReportJson, WhatIsNotAReportIsAnErrorThatNamesTheProblem) {
  EXPECT_THAT(ReadingError("{}").message, HasSubstr("it is not a report: key 'title' not found"));
  EXPECT_THAT(ReadingError("").message, HasSubstr("it is not a report: parse error"));
  EXPECT_THAT(ReadingError("{\"title\": \"cut o").message, HasSubstr("line 1, column"));
  EXPECT_THAT(ReadingError("[1, 2]").message, HasSubstr("it is not a report: "));
  EXPECT_THAT(ReadingError("{\"title\": \"t\"}").message, HasSubstr("baseline_fp32"));
  for (const char* json : {"{}", "", "[1, 2]", "null", "\"text\""}) {
    const Error error = ReadingError(json);
    EXPECT_EQ(error.kind, ErrorKind::kInternal) << json;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << json;
    EXPECT_EQ(error.message.find("json.exception"), std::string::npos) << error.message;
  }
}

TEST(ReportJson, PathsStayInTheRunFolder) {
  for (const char* path : {"/etc", "models/../../other", ".."}) {
    Report report = FullReport();
    report.front[1].path = path;
    EXPECT_THAT(ReadingError(ReportJson(report)).message,
                testing::HasSubstr("leads out of its folder"));
  }
}

TEST(ReportJson, AValueOfAnotherTypeIsAnErrorToo) {
  auto json = nlohmann::json::parse(ReportJson(ExampleReport()));
  json["front"][0]["int8"]["size_bytes"] = "large";
  EXPECT_THAT(ReadingError(json.dump()).message, HasSubstr("type must be number"));
  json = nlohmann::json::parse(ReportJson(ExampleReport()));
  json["precision"] = "int4";
  EXPECT_THAT(ReadingError(json.dump()).message, HasSubstr("unknown precision \"int4\""));
  json["precision"] = 8;
  EXPECT_THAT(ReadingError(json.dump()).message, HasSubstr("type must be string"));
}

// JSON has no NaN; it becomes null, which is then refused with a message instead of read as 0.
TEST(ReportJson, NaNIsNotReadAsANumber) {
  Report report = ExampleReport();
  report.baseline_fp32.accuracy.value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(ReportJson(report), HasSubstr("\"value\": null"));
  EXPECT_THAT(ReadingError(ReportJson(report)).message, HasSubstr("null"));
}

TEST(ReportJson, BytesThatAreNotUtf8AreReplaced) {
  Report report = ExampleReport();
  report.title = "model\xff.onnx";
  const auto read = ReportFromJson(ReportJson(report));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->title, "model\xef\xbf\xbd.onnx");
}

}  // namespace
}  // namespace nacre
