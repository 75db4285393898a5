// nacre target profile: a latency table that later runs find again.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/cli_fixture.h"

namespace nacre {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class TargetTest : public CliTest {
 protected:
  static json Profile(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "target", "profile", Path("model.onnx"), "--target", "cpu:fp32", "--rounds", "3", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProcessResult result = Nacre(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return json::parse(result.output);
  }
};

TEST_F(TargetTest, WhatIsMeasuredIsKeptAndJudgedOnWholeNetworks) {
  const json first = Profile({"--check", "4"});
  EXPECT_GT(first["parts"], 20);
  EXPECT_TRUE(fs::exists(first["file"].get<std::string>()));
  ASSERT_EQ(first["check"]["networks"].size(), 4);
  for (const json& share : first["check"]["measured"]) EXPECT_GT(share.get<double>(), 0);
  for (const json& share : first["check"]["predicted"]) EXPECT_GT(share.get<double>(), 0);

  const auto reach = [](const std::string& target) {
    const ProcessResult shown =
        Nacre({"inspect", Path("model.onnx"), "--target", target, "--json"});
    EXPECT_EQ(shown.exit_code, 0) << shown.errors;
    return json::parse(shown.output)["fastest_possible_speedup"];
  };
  EXPECT_GT(reach("cpu:fp32"), 1.0);
  EXPECT_TRUE(reach("cpu:int8").is_null()) << "no table was measured";

  const json second = Profile({"--check", "0"});
  EXPECT_EQ(second["known_before"], first["parts"]);
  EXPECT_EQ(second["parts"], first["parts"]);
  EXPECT_FALSE(second.contains("check"));

  std::ofstream(first["file"].get<std::string>())
      << "{\"fingerprint\": \"";  // broken: measured anew
  EXPECT_EQ(Profile({"--check", "0"})["known_before"], 0);
}

TEST_F(TargetTest, AFolderThatCannotBeMadeIsNamed) {
  Write("file", "");
  const auto result = RunProcess(
      {.arguments = {NACRE_BINARY, "target", "profile", Path("model.onnx"), "--rounds", "3"},
       .environment = {"NACRE_CACHE=" + Path("file")},
       .timeout = Seconds(120)});
  EXPECT_EQ(result->exit_code, 2);
  EXPECT_THAT(result->errors, HasSubstr("NACRE_CACHE"));
}

}  // namespace
}  // namespace nacre
