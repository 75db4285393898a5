// convert and inspect, and how every command ends when it is told to.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/cli_fixture.h"

namespace nacre {
namespace {

using testing::HasSubstr;

class Convert : public CliTest {};

TEST_F(Convert, WritesTheSameNetwork) {
  const ProcessResult converted =
      Nacre({"convert", Path("model.onnx"), Path("again.onnx"), "--json"});
  ASSERT_EQ(converted.exit_code, 0) << converted.errors;
  const auto json = nlohmann::json::parse(converted.output);
  EXPECT_EQ(json["verified"], true);
  EXPECT_EQ(json["runs_in_openvino"], true);
  ASSERT_EQ(json["outputs"].size(), 1u);
  EXPECT_EQ(json["outputs"][0]["name"], "logits");
  EXPECT_GT(json["outputs"][0]["largest_value"].get<double>(), 0);
  EXPECT_LT(json["outputs"][0]["largest_difference"].get<double>(), 1e-4);
  const auto again = ReadOnnx(Path("again.onnx"));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->inputs[0].name, "image");
  EXPECT_FALSE(std::filesystem::exists(Path("again.onnx.unverified")));
}

TEST_F(Convert, SaysWhatChanged) {
  auto network = ReadOnnx(Path("model.onnx"));
  ASSERT_TRUE(network);
  ASSERT_TRUE(WriteOnnx(*network, Path("same.onnx")));
  const ProcessResult same = Nacre({"convert", Path("same.onnx"), Path("b.onnx"), "--json"});
  ASSERT_EQ(same.exit_code, 0) << same.errors;
  EXPECT_EQ(nlohmann::json::parse(same.output)["changes"].size(), 0u);

  // A constant that a node computes is folded into an initializer.
  const Shape shape = network->outputs[0].shape;
  network->initializers.emplace("two", Tensor::Floats({1}, std::vector<float>{2}));
  network->nodes.push_back(
      {.name = "four", .op = "Mul", .inputs = {"two", "two"}, .outputs = {"4"}});
  network->nodes.push_back(
      {.name = "more", .op = "Add", .inputs = {"logits", "4"}, .outputs = {"sum"}});
  network->outputs = {{"sum", DataType::kFloat, shape}};
  ASSERT_TRUE(WriteOnnx(*network, Path("folds.onnx")));
  const ProcessResult folded = Nacre({"convert", Path("folds.onnx"), Path("c.onnx")});
  ASSERT_EQ(folded.exit_code, 0) << folded.errors;
  EXPECT_THAT(folded.output, HasSubstr("changed: Mul: 1 became 0"));
  EXPECT_THAT(folded.output, HasSubstr("verified"));
}

// OpenVINO would compile for minutes.
TEST_F(Convert, AChainOfThousandsOfNodesIsReadAndNotCompiled) {
  Network chain{.name = "chain"};
  chain.inputs = {{"v0", DataType::kFloat, {kDynamic, 3, 8, 8}}};
  for (int i = 0; i < 5000; ++i) {
    const std::string from = "v" + std::to_string(i), to = "v" + std::to_string(i + 1);
    chain.nodes.push_back(
        {.name = to, .op = i % 2 == 0 ? "Relu" : "Sin", .inputs = {from}, .outputs = {to}});
  }
  chain.outputs = {{"v5000", DataType::kFloat, {kDynamic, 3, 8, 8}}};
  ASSERT_TRUE(WriteOnnx(chain, Path("chain.onnx")));
  const ProcessResult converted =
      Nacre({"convert", Path("chain.onnx"), Path("long.onnx"), "--json"});
  ASSERT_EQ(converted.exit_code, 0) << converted.errors;
  const auto json = nlohmann::json::parse(converted.output);
  EXPECT_EQ(json["verified"], false);
  EXPECT_TRUE(json["runs_in_openvino"].is_null());
  EXPECT_THAT(json["not_verified"].get<std::string>(), HasSubstr("5000 nodes"));
  const auto written = ReadOnnx(Path("long.onnx"));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->nodes.size(), 5000u);
  const ProcessResult inspected = Nacre({"inspect", Path("chain.onnx")});
  EXPECT_EQ(inspected.exit_code, 0) << inspected.errors;
  EXPECT_THAT(inspected.output + inspected.errors, HasSubstr("it was not timed: it has 5000"));
}

TEST_F(Convert, ARefusedModelLeavesNoFile) {
  Write("broken.onnx", "no model");
  const ProcessResult refused = Nacre({"convert", Path("broken.onnx"), Path("never.onnx")});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.errors, HasSubstr("is not an ONNX file"));
  EXPECT_FALSE(std::filesystem::exists(Path("never.onnx")));
}

TEST_F(Convert, InspectSharesTheWholeTimeOut) {
  const ProcessResult inspected = Nacre({"inspect", Path("model.onnx"), "--json"});
  ASSERT_EQ(inspected.exit_code, 0) << inspected.errors;
  const auto json = nlohmann::json::parse(inspected.output);
  EXPECT_EQ(json["share_that_can_be_rebuilt"], 1);
  const double whole = json["latency_us"];
  EXPECT_GT(whole, 0);
  double sum = 0;
  int timed = 0;
  for (const auto& block : json["blocks"]) {
    EXPECT_EQ(block["rebuilt"], true) << block["reason"];
    sum += block["latency_us"].get<double>();
    timed += block["latency_us"].get<double>() > 0 ? 1 : 0;
  }
  EXPECT_NEAR(sum, whole, 1e-3 * whole);
  EXPECT_GT(timed, static_cast<int>(json["blocks"].size()) / 2);
}

TEST_F(Convert, InspectDrawsTheBlocksOfItsJson) {
  const ProcessResult inspected =
      Nacre({"inspect", Path("model.onnx"), "--json", "--html", Path("model.html")});
  ASSERT_EQ(inspected.exit_code, 0) << inspected.errors;
  const auto json = nlohmann::json::parse(inspected.output);
  std::ifstream file(Path("model.html"));
  const std::string html{std::istreambuf_iterator<char>(file), {}};
  size_t drawn = 0;
  for (size_t at = 0; (at = html.find("<g><title>", at)) != std::string::npos; ++at) ++drawn;
  EXPECT_EQ(drawn, json["blocks"].size());
  EXPECT_THAT(html, HasSubstr("</html>"));
}

TEST_F(Convert, APageThatCannotBeWrittenIsAnErrorOfUsage) {
  const ProcessResult refused =
      Nacre({"inspect", Path("model.onnx"), "--html", Path("nowhere/model.html")});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("nowhere/model.html"));
}

class Interrupt : public CliTest {
 protected:
  // SIGTERM after three seconds: the process is to end within five, by itself.
  static void ExpectToEnd(std::vector<std::string> arguments) {
    const std::vector<std::string> before = {"timeout", "--preserve-status", "-s", "TERM",
                                             "3",       NACRE_BINARY};
    SCOPED_TRACE(arguments[0]);
    arguments.insert(arguments.begin(), before.begin(), before.end());
    const auto result =
        RunProcess({.arguments = arguments, .environment = Environment(), .timeout = Seconds(60)});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->exit_code, 130) << result->Outcome() << result->errors;
    EXPECT_GT(result->seconds, Seconds(2.5)) << result->errors;
    EXPECT_LT(result->seconds, Seconds(8.5));
  }
};

TEST_F(Interrupt, EndsEveryLongCommandInFiveSeconds) {
  ExpectToEnd({"demo", Path("demo"), "--epochs", "500"});
  ExpectToEnd({"bench", Path("model.onnx"), "-t", "60"});
  ExpectToEnd({"target", "profile", Path("model.onnx"), "--rounds", "1000"});
}

TEST_F(Interrupt, AnInterruptedRunSaysHowToGoOn) {
  const auto result =
      RunProcess({.arguments = {"timeout", "--preserve-status", "-s", "INT", "5", NACRE_BINARY,
                                "optimize", Path("model.onnx"), "--data", Path("data"), "--out",
                                Path("stopped"), "--budget", "2m", "--max-drop", "50%"},
                  .environment = Environment(),
                  .timeout = Seconds(60)});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 130) << result->errors;
  EXPECT_THAT(result->errors, HasSubstr("nacre resume " + Path("stopped")));
  EXPECT_LT(result->seconds, Seconds(10.5));
}

TEST_F(Interrupt, ARefusedRunLeavesNoFolder) {
  std::filesystem::copy(root_ / "data", root_ / "one", std::filesystem::copy_options::recursive);
  std::filesystem::remove_all(root_ / "one" / "train" / "0");
  for (const auto& entry : std::filesystem::directory_iterator(root_ / "one" / "train")) {
    std::filesystem::remove_all(entry.path());  // one class less than the network has
    break;
  }
  const ProcessResult refused = Nacre({"optimize", Path("model.onnx"), "--data", Path("one"),
                                       "--out", Path("refused"), "--budget", "2m"});
  EXPECT_EQ(refused.exit_code, 4) << refused.errors;
  EXPECT_FALSE(std::filesystem::exists(Path("refused")));
}

}  // namespace
}  // namespace nacre
