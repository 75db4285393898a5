// A detector from its file to a faster one: eval, quantize and optimize by boxes, in the forms in
// which detectors come.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli_fixture.h"
#include "testing/squares.h"
#include "train/train.h"

namespace nacre {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Json = nlohmann::json;

class Detection : public CliTest {
 protected:
  static void SetUpTestSuite() {
    CliTest::SetUpTestSuite();
    WriteSquares(root_ / "squares/train", 300, 1);
    WriteSquares(root_ / "squares/val", 80, 2);
    WriteSquares(root_ / "squares/test", 80, 3);
    const auto set = ReadDetectionSet(root_ / "squares/train",
                                      {.preprocess = {.height = 32, .width = 32}}, nullptr);
    ASSERT_TRUE(set) << set.error().message;
    const TeacherOutputs answers = SquareAnswers(*set);
    TrainOptions options{.epochs = 12, .batch = 32, .loss = {.form = SquareForm()}, .seed = 3};
    const auto trained = Train(SquareDetector(1), set->images, &answers, options);
    ASSERT_TRUE(trained) << trained.error().message;
    ASSERT_TRUE(WriteOnnx(trained->network, root_ / "raw.onnx"));
    ASSERT_TRUE(WriteOnnx(Decoded(trained->network), root_ / "decoded.onnx"));
    WriteAnchors();
  }

  static void WriteAnchors() {
    Json anchors = Json::array();
    for (const Anchor& each : SquareAnchors())
      anchors.push_back({each.x, each.y, each.width, each.height});
    Write("anchors.json", Json{{"anchors", anchors}}.dump());
  }

  // With probabilities and with centres and sizes of boxes in fractions of the sides, as the file
  // itself works them out.
  static Network Decoded(Network network) {
    std::vector<float> shift, scale;
    for (const Anchor& each : SquareAnchors()) {
      for (const double value : {each.x, each.y}) shift.push_back(static_cast<float>(value));
      scale.push_back(static_cast<float>(each.width));
      scale.push_back(static_cast<float>(each.height));
    }
    const auto add = [&](const std::string& op, std::vector<std::string> inputs,
                         const std::string& output, std::map<std::string, Attribute> attributes) {
      network.nodes.push_back({.name = output,
                               .op = op,
                               .inputs = std::move(inputs),
                               .outputs = {output},
                               .attributes = std::move(attributes)});
    };
    network.initializers["shift"] = Tensor::Floats({16, 2}, shift);
    network.initializers["scale"] = Tensor::Floats({16, 2}, scale);
    network.initializers["ten"] = Tensor::Scalar(10);
    network.initializers["five"] = Tensor::Scalar(5);
    network.initializers["halves"] = Tensor::Ints({2}, {2, 2});
    add("Softmax", {"logits"}, "scores", {{"axis", int64_t{2}}});
    add("Split", {"codes", "halves"}, "moved", {{"axis", int64_t{2}}});
    network.nodes.back().outputs = {"moved", "grown"};
    add("Div", {"moved", "ten"}, "moved_tenth", {});
    add("Mul", {"moved_tenth", "scale"}, "moved_far", {});
    add("Add", {"moved_far", "shift"}, "centres", {});
    add("Div", {"grown", "five"}, "grown_fifth", {});
    add("Exp", {"grown_fifth"}, "growth", {});
    add("Mul", {"growth", "scale"}, "sizes", {});
    add("Concat", {"centres", "sizes"}, "boxes", {{"axis", int64_t{2}}});
    network.outputs = {{.name = "scores", .shape = {kDynamic, 16, 3}},
                       {.name = "boxes", .shape = {kDynamic, 16, 4}}};
    return network;
  }

  static double MapOf(const std::string& model, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"eval",   Path(model),          "--task", "detection",
                                          "--test", Path("squares/test"), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProcessResult result = Nacre(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result.exit_code == 0 ? Json::parse(result.output)["accuracy"].get<double>() : -1;
  }
};

TEST_F(Detection, RawHeadsNeedAnchorsAndDecodedOnesDoNot) {
  const double raw = MapOf("raw.onnx", {"--anchors", Path("anchors.json"), "--target", "cpu:fp32"});
  EXPECT_GT(raw, 0.8) << "the detector has not learned its squares: this test shows nothing";
  EXPECT_NEAR(MapOf("decoded.onnx", {"--target", "cpu:fp32"}), raw, 0.01);
  auto turned = ReadOnnx(root_ / "raw.onnx");
  ASSERT_TRUE(turned);
  std::swap(turned->outputs[0], turned->outputs[1]);
  ASSERT_TRUE(WriteOnnx(*turned, root_ / "turned.onnx"));
  EXPECT_EQ(MapOf("turned.onnx", {"--anchors", Path("anchors.json"), "--target", "cpu:fp32"}), raw)
      << "the order of the file's outputs is not that of its nodes";
  const ProcessResult bare =
      Nacre({"eval", Path("raw.onnx"), "--task", "detection", "--test", Path("squares/test")});
  EXPECT_EQ(bare.exit_code, 2);
  EXPECT_THAT(bare.errors, HasSubstr("--anchors FILE"));
  const ProcessResult unwanted =
      Nacre({"eval", Path("decoded.onnx"), "--task", "detection", "--test", Path("squares/test"),
             "--anchors", Path("anchors.json")});
  EXPECT_EQ(unwanted.exit_code, 2);
}

// NMS behind the heads: the file chooses the boxes itself, by the rules that nacre has for others.
TEST_F(Detection, SuppressionInsideTheFileFindsTheSame) {
  const auto made = RunProcess({.arguments = {NACRE_PYTHON, NACRE_SUPPRESSED_FORM,
                                              Path("decoded.onnx"), Path("suppressed.onnx")},
                                .timeout = Seconds(120)});
  ASSERT_TRUE(made);
  ASSERT_EQ(made->exit_code, 0) << made->errors;
  const double decoded = MapOf("decoded.onnx", {"--target", "cpu:fp32"});
  EXPECT_NEAR(MapOf("suppressed.onnx", {"--target", "cpu:fp32"}), decoded, 0.005);
  const ProcessResult quantized =
      Nacre({"quantize", Path("suppressed.onnx"), "--task", "detection", "--train",
             Path("squares/train"), "-o", Path("suppressed.int8.onnx")});
  ASSERT_EQ(quantized.exit_code, 0) << quantized.errors;
  EXPECT_NEAR(MapOf("suppressed.int8.onnx"), decoded, 0.1);
}

TEST_F(Detection, BoxesThatAreReadWrongFindNothing) {
  const ProcessResult wrong = Nacre({"eval", Path("decoded.onnx"), "--task", "detection", "--test",
                                     Path("squares/test"), "--boxes", "xyxy,pixel"});
  EXPECT_EQ(wrong.exit_code, 4);
  EXPECT_THAT(wrong.errors, HasSubstr("finds nothing"));
  const ProcessResult classifier = Nacre({"eval", Path("model.onnx"), "--task", "detection",
                                          "--test", Path("squares/test"), "--size", "16,16"});
  EXPECT_EQ(classifier.exit_code, 3);
  EXPECT_THAT(classifier.errors, HasSubstr("no output holds scores"));
}

TEST_F(Detection, QuantizedKeepsItsBoxes) {
  const ProcessResult result = Nacre(
      {"quantize", Path("decoded.onnx"), "--task", "detection", "--train", Path("squares/train"),
       "--val", Path("squares/val"), "-o", Path("int8.onnx"), "--max-drop", "2pt", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(Json::parse(result.output)["metric"], "map");
  EXPECT_NEAR(MapOf("int8.onnx"), MapOf("decoded.onnx"), 0.05);
}

TEST_F(Detection, AWholeRunEndsWithADetectorThatKeepsTheLimit) {
  const ProcessResult result =
      Nacre({"optimize", Path("decoded.onnx"), "--task", "detection", "--data", Path("squares"),
             "--budget", "2m", "--max-drop", "5pt", "--out", Path("run")},
            Seconds(300));
  ASSERT_TRUE(result.exit_code == 0) << result.errors;
  const Json front = Json::parse(Text("run/front.json"));
  const Json& best = front.at(0);
  EXPECT_EQ(best["metric"], "map");
  EXPECT_TRUE(best["meets_limit"].get<bool>());
  const std::string model = "run/" + best["path"].get<std::string>() + "/model.int8.onnx";
  EXPECT_NEAR(MapOf(model), best["accuracy"].get<double>(), 0.02);
  EXPECT_THAT(Text("run/report.html"), AllOf(HasSubstr("mAP"), HasSubstr("class=picture")));
}

}  // namespace
}  // namespace nacre
