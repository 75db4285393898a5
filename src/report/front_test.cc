#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "report/report.h"
#include "testing/example_report.h"

namespace nacre {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(FrontJson, HasTheDocumentedKeysAndNoOthers) {
  const json front = json::parse(FrontJson(ExampleReport()));
  ASSERT_EQ(front.size(), 1u);
  std::vector<std::string> keys;
  for (const auto& item : front[0].items()) keys.push_back(item.key());
  EXPECT_THAT(keys, UnorderedElementsAre(
                        "id", "path", "role", "metric", "accuracy", "accuracy_ci", "accuracy_fp32",
                        "latency_ms", "latency_ci_ms", "latency_p90_ms", "images_per_second",
                        "speedup_over_int8", "speedup_over_int8_ci", "speedup_over_fp32",
                        "speedup_over_fp32_ci", "size_bytes", "memory_bytes", "macs", "parameters",
                        "architecture", "meets_limit", "broken", "on_front", "drop", "drop_low",
                        "drop_high", "certified", "looks"));
}

TEST(FrontJson, HasTheFiguresOfTheNetworkThatTheTargetRuns) {
  Report report = ExampleReport();
  const json int8 = json::parse(FrontJson(report))[0];
  EXPECT_DOUBLE_EQ(int8["accuracy"], 0.893);
  EXPECT_DOUBLE_EQ(int8["accuracy_fp32"], 0.894);
  EXPECT_DOUBLE_EQ(int8["latency_ms"], 0.2);
  EXPECT_EQ(int8["size_bytes"], 900 * 1024);
  EXPECT_EQ(int8["memory_bytes"], 1800 * 1024);
  EXPECT_EQ(int8["speedup_over_int8_ci"], json({2.4, 2.6}));
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    report.precision = precision;
    const json other = json::parse(FrontJson(report))[0];
    EXPECT_DOUBLE_EQ(other["accuracy"], 0.894);
    EXPECT_DOUBLE_EQ(other["latency_ms"], 0.4);
  }
}

TEST(FrontJson, KeepsTheOrderAndSaysWhatIsOnTheParetoFront) {
  Report report = ExampleReport();
  for (const char* id : {"second", "a-third"}) {
    FrontEntry entry = ExampleEntry();
    entry.id = id;
    report.front.push_back(entry);
  }
  report.front[1].on_front = false;
  report.front[2].meets_limit = false;
  report.front[2].broken = "takes 2 ms, more than 1 ms";
  const json front = json::parse(FrontJson(report));
  ASSERT_EQ(front.size(), 3u);
  EXPECT_EQ(front[0]["id"], "abcd1234");
  EXPECT_EQ(front[1]["id"], "second");
  EXPECT_EQ(front[2]["id"], "a-third");
  EXPECT_EQ(front[0]["on_front"], true);
  EXPECT_EQ(front[1]["on_front"], false);
  EXPECT_EQ(front[1]["meets_limit"], true);
  EXPECT_EQ(front[2]["meets_limit"], false);
  EXPECT_EQ(front[2]["broken"], "takes 2 ms, more than 1 ms");
}

TEST(FrontJson, SaysWhatTheLossIsAndWhetherItIsCertified) {
  Report report = ExampleReport();
  const json unknown = json::parse(FrontJson(report))[0];
  EXPECT_TRUE(unknown["drop"].is_null());
  EXPECT_EQ(unknown["certified"], false);
  report.front[0].drop = Drop{.value = 0.004, .low = -0.001, .high = 0.009};
  report.front[0].certified = true;
  report.looks = 3;
  const json known = json::parse(FrontJson(report))[0];
  EXPECT_DOUBLE_EQ(known["drop"], 0.004);
  EXPECT_DOUBLE_EQ(known["drop_low"], -0.001);
  EXPECT_DOUBLE_EQ(known["drop_high"], 0.009);
  EXPECT_EQ(known["certified"], true);
  EXPECT_EQ(known["looks"], 3);
}

TEST(FrontJson, ABatchCountsAsSoManyImages) {
  Report report = ExampleReport();
  report.batch = 64;
  EXPECT_DOUBLE_EQ(json::parse(FrontJson(report))[0]["images_per_second"], 64 / 0.0002);
  report.front[0].int8.latency.median_ms = 0;  // not measured
  EXPECT_EQ(json::parse(FrontJson(report))[0]["images_per_second"], 0);
}

TEST(FrontJson, HostileTextIsStillJson) {
  Report report = ExampleReport();
  report.front[0].architecture = "a\"b\\c\n\x01\xff";
  const json front = json::parse(FrontJson(report));
  EXPECT_EQ(front[0]["architecture"], "a\"b\\c\n\x01\xef\xbf\xbd");
}

TEST(FrontJson, OfNothingIsAnEmptyArray) { EXPECT_EQ(FrontJson(Report{}), "[]\n"); }

TEST(FrontCsv, HasAHeaderAndOneLineForEachEntry) {
  Report report = ExampleReport();
  report.front.push_back(ExampleEntry());
  report.front[0].drop = Drop{.value = 0.004, .low = -0.001, .high = 0.009};
  report.front[0].certified = true;
  report.front[1].id = "second";
  report.front[1].meets_limit = false;
  report.front[1].on_front = false;
  EXPECT_THAT(
      Lines(FrontCsv(report)),
      ElementsAre("rank,id,path,accuracy,accuracy_low,accuracy_high,latency_ms,speedup_over_int8,"
                  "speedup_over_fp32,size_bytes,memory_bytes,meets_limit,on_front,"
                  "drop,drop_low,drop_high,certified",
                  "1,abcd1234,models/1-abcd1234,0.893000,0.873000,0.903000,0.200000,2.5000,5.0000,"
                  "921600,1843200,true,true,0.004000,-0.001000,0.009000,true",
                  "2,second,models/1-abcd1234,0.893000,0.873000,0.903000,0.200000,2.5000,5.0000,"
                  "921600,1843200,false,false,,,,false"));
}

// RFC 4180, section 2, rules 6 and 7.
TEST(FrontCsv, QuotesWhatWouldBreakALine) {
  Report report = ExampleReport();
  report.front[0].id = "a,b";
  report.front[0].path = "models/say \"hi\"";
  EXPECT_THAT(FrontCsv(report), HasSubstr("\n1,\"a,b\",\"models/say \"\"hi\"\"\",0.893000,"));
  report.front[0].id = "two\nlines";
  EXPECT_THAT(FrontCsv(report), HasSubstr("\n1,\"two\nlines\",\"models"));
}

TEST(FrontCsv, OfNothingIsTheHeader) { EXPECT_EQ(Lines(FrontCsv(Report{})).size(), 1u); }

}  // namespace
}  // namespace nacre
