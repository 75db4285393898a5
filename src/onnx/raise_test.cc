// Each opset's spelling becomes the spelling of opset 17.
#include "onnx/raise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "onnx/test_models.h"

namespace nacre {

using namespace onnx_internal;

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Network ReadOrDie(const TestModel& test) {
  auto network = test.Read();
  if (!network) throw std::runtime_error(network.error().message);
  return std::move(*network);
}

void ExpectFrozen(const TestModel& test, const std::string& part) {
  const auto network = test.Read();
  ASSERT_TRUE(network.has_value()) << network.error().message;
  ASSERT_EQ(network->nodes.size(), 1u);
  EXPECT_THAT(network->nodes[0].frozen_reason, HasSubstr(part));
}

std::vector<int64_t> IntsOfInput(const Network& network, size_t input) {
  return network.initializers.at(network.nodes.at(0).inputs.at(input)).ToInts();
}

TEST(RaiseTest, AxesOfSqueezeMoveToAnInput) {
  TestModel old(11);
  old.Input("x", {kDynamic, 1, 8}).Output("y", {kDynamic, 8});
  TestModel::Set(old.Add("Squeeze", {"x"}, {"y"}), "axes", std::vector<int64_t>{1});
  const Network network = ReadOrDie(old);
  EXPECT_EQ(network.opset, 17);
  EXPECT_FALSE(network.nodes[0].attributes.contains("axes"));
  EXPECT_THAT(IntsOfInput(network, 1), ElementsAre(1));
}

TEST(RaiseTest, SizesOfSplitMoveToAnInput) {
  TestModel old(12);
  old.Input("x", {kDynamic, 4}).Output("a", {kDynamic, 1}).Output("b", {kDynamic, 3});
  auto& node = old.Add("Split", {"x"}, {"a", "b"});
  TestModel::Set(node, "split", std::vector<int64_t>{1, 3});
  TestModel::Set(node, "axis", int64_t{1});
  EXPECT_THAT(IntsOfInput(ReadOrDie(old), 1), ElementsAre(1, 3));
}

TEST(RaiseTest, SplitByNumberHasASmallerLastPart) {
  TestModel late(18);
  late.Input("x", {kDynamic, 7});
  for (const char* part : {"a", "b", "c"}) late.Output(part, {kDynamic, kDynamic});
  auto& node = late.Add("Split", {"x"}, {"a", "b", "c"});
  TestModel::Set(node, "num_outputs", int64_t{3});
  TestModel::Set(node, "axis", int64_t{-1});
  const Network network = ReadOrDie(late);
  EXPECT_THAT(IntsOfInput(network, 1), ElementsAre(3, 3, 1));
  EXPECT_EQ(network.outputs[2].shape, (Shape{kDynamic, 1}));
}

TEST(RaiseTest, SplitByNumberOfAnUnknownSizeIsFrozen) {
  TestModel late(18);
  late.Input("x", {kDynamic, 7}).Output("a", {kDynamic, 7}).Output("b", {kDynamic, 7});
  TestModel::Set(late.Add("Split", {"x"}, {"a", "b"}), "num_outputs", int64_t{2});
  ExpectFrozen(late, "Split (opset 18): Split by num_outputs of a size that is not known");
}

TEST(RaiseTest, AxesOfReduceMeanMoveToAnAttribute) {
  TestModel late = OneNode(18, "ReduceMean", {"axes"});
  late.Ints("axes", {-1});
  const Network network = ReadOrDie(late);
  EXPECT_THAT(network.nodes[0].Ints("axes"), ElementsAre(-1));
  EXPECT_EQ(network.nodes[0].inputs.size(), 1u);
  EXPECT_EQ(network.outputs[0].shape, (Shape{kDynamic, 4, 1}));
}

TEST(RaiseTest, ReduceMeanOverAxesKnownAtRunTimeIsFrozen) {
  TestModel late = OneNode(18, "ReduceMean", {"axes"});
  late.Input("axes", {1}, proto::TensorProto::INT64);
  ExpectFrozen(late, "not constant");
}

TEST(RaiseTest, SoftmaxOfTheLastAxisStays) {
  TestModel old = OneNode(11, "Softmax");
  TestModel::Set(FirstNode(old), "axis", int64_t{2});
  EXPECT_THAT(Operations(ReadOrDie(old)), ElementsAre("Softmax"));
}

TEST(RaiseTest, SoftmaxOfRowsIsFlattened) {
  // The default axis of opset 11 is 1: rows of 4 x 8 numbers.
  const Network network = ReadOrDie(OneNode(11, "Softmax"));
  EXPECT_THAT(Operations(network), ElementsAre("Flatten", "Softmax", "Reshape"));
  EXPECT_EQ(network.nodes[0].Int("axis", 0), 1);
  EXPECT_EQ(network.nodes[1].Int("axis", 0), -1);
  EXPECT_EQ(network.outputs[0].name, "y");
  EXPECT_EQ(network.outputs[0].shape, (Shape{kDynamic, 4, 8}));
}

TEST(RaiseTest, SumBecomesAdds) {
  TestModel test = OneNode(13, "Sum", {"x", "x"});
  EXPECT_THAT(Operations(ReadOrDie(test)), ElementsAre("Add", "Add"));
}

TEST(RaiseTest, PadsOfChosenAxesBecomePadsOfAll) {
  TestModel late = OneNode(18, "Pad", {"pads", "", "axes"});
  late.Ints("pads", {1, 2}).Ints("axes", {-1});
  const Network network = ReadOrDie(late);
  EXPECT_THAT(IntsOfInput(network, 1), ElementsAre(0, 0, 1, 0, 0, 2));
  EXPECT_EQ(network.outputs[0].shape, (Shape{kDynamic, 4, 11}));
}

TEST(RaiseTest, ResizeLosesWhatSaysNothing) {
  TestModel late = OneNode(19, "Resize", {"", "scales"});
  late.Floats("scales", {1}, {2.0f});
  TestModel::Set(FirstNode(late), "antialias", int64_t{0});
  TestModel::Set(FirstNode(late), "axes", std::vector<int64_t>{2});
  const Network network = ReadOrDie(late);
  EXPECT_TRUE(network.nodes[0].attributes.empty());
  EXPECT_EQ(network.outputs[0].shape, (Shape{kDynamic, 4, 16}));
}

// Found by fuzzing: every rule read the first input, and Resize wrote in front of the list.
TEST(RaiseTest, NodesWithoutTheirFirstInputAreFrozen) {
  for (const std::string op : {"Resize", "Pad", "Split", "ReduceMean", "Dropout", "Squeeze"}) {
    TestModel none = OneNode(18, op);
    FirstNode(none).clear_input();
    ExpectFrozen(none, op + " without its first input");
    TestModel unnamed = OneNode(18, op);
    FirstNode(unnamed).set_input(0, "");
    ExpectFrozen(unnamed, op + " without its first input");
  }
}

TEST(RaiseTest, ResizeWithAntialiasingIsFrozen) {
  TestModel late = OneNode(18, "Resize", {"", "scales"});
  late.Floats("scales", {3}, {1.0f, 1.0f, 2.0f});
  TestModel::Set(FirstNode(late), "antialias", int64_t{1});
  ExpectFrozen(late, "antialiasing");
}

TEST(RaiseTest, BatchNormalizationInTrainingModeIsRefused) {
  TestModel test(11);
  test.Input("x", {kDynamic, 1}).Output("y", {kDynamic, 1}).Floats("one", {1}, {1.0f});
  test.Add("BatchNormalization", {"x", "one", "one", "one", "one"}, {"y", "m", "v", "sm", "sv"});
  const auto network = test.Read();
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().kind, ErrorKind::kModel);
  EXPECT_NE(network.error().message.find("call model.eval() and export it again"),
            std::string::npos)
      << network.error().message;
}

TEST(RaiseTest, QuantizationInBlocksOrOfOddTypesIsFrozen) {
  TestModel blocks = OneNode(21, "DequantizeLinear", {"scale"});
  blocks.model.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->set_elem_type(proto::TensorProto::INT8);
  blocks.Floats("scale", {1, 4, 2}, std::vector<float>(8, 1.0f));
  TestModel::Set(FirstNode(blocks), "axis", int64_t{2});
  TestModel::Set(FirstNode(blocks), "block_size", int64_t{4});
  ExpectFrozen(blocks, "in blocks");
  TestModel wide = OneNode(21, "QuantizeLinear", {"scale", "zero"});
  wide.Floats("scale", {}, {1.0f}).Input("zero", {}, proto::TensorProto::INT16);
  ExpectFrozen(wide, "int16");
}

TEST(RaiseTest, QuantizeLinearSaysItsTypeByItsZeroPoint) {
  TestModel late = OneNode(21, "QuantizeLinear", {"scale"});
  late.Floats("scale", {}, {0.5f});
  TestModel::Set(FirstNode(late), "output_dtype", int64_t{proto::TensorProto::INT8});
  const Network network = ReadOrDie(late);
  EXPECT_FALSE(network.nodes[0].opaque());
  EXPECT_EQ(network.initializers.at(network.nodes[0].inputs.at(2)).type(), DataType::kInt8);
}

TEST(RaiseTest, InitializersKeepTheirType) {
  TestModel test(17);
  test.Input("x", {2}, proto::TensorProto::FLOAT16).Output("y", {2}, proto::TensorProto::FLOAT16);
  test.Add("Add", {"x", "w"}, {"y"});
  auto* tensor = test.model.mutable_graph()->add_initializer();
  tensor->set_name("w");
  tensor->set_data_type(proto::TensorProto::FLOAT16);
  tensor->add_dims(2);
  tensor->add_int32_data(0x3c00);
  tensor->add_int32_data(0x4000);
  const Network network = ReadOrDie(test);
  EXPECT_EQ(network.initializers.at("w").type(), DataType::kFloat16);
  EXPECT_THAT(network.initializers.at("w").ToFloats(), ElementsAre(1.0f, 2.0f));
}

TEST(RaiseTest, AttributesOfOldSlicesBecomeInputs) {
  TestModel old = OneNode(9, "Slice");
  auto& node = FirstNode(old);
  TestModel::Set(node, "starts", std::vector<int64_t>{1});
  TestModel::Set(node, "ends", std::vector<int64_t>{3});
  const Network network = ReadOrDie(old);
  EXPECT_THAT(IntsOfInput(network, 1), ElementsAre(1));
  EXPECT_THAT(IntsOfInput(network, 2), ElementsAre(3));
  EXPECT_THAT(IntsOfInput(network, 3), ElementsAre(0));
  EXPECT_TRUE(network.nodes[0].attributes.empty());
}

TEST(RaiseTest, BoundsOfOldClipsBecomeInputs) {
  TestModel old = OneNode(10, "Clip");
  TestModel::Set(FirstNode(old), "max", 6.0f);
  const Network network = ReadOrDie(old);
  const Node& clip = network.nodes.at(0);
  ASSERT_EQ(clip.inputs.size(), 3u);
  EXPECT_EQ(clip.inputs[1], "");
  EXPECT_EQ(network.initializers.at(clip.inputs[2]).ToFloats(), std::vector<float>{6});
}

TEST(RaiseTest, PadsOfOldPadsBecomeInputs) {
  TestModel old = OneNode(9, "Pad");
  auto& node = FirstNode(old);
  TestModel::Set(node, "pads", std::vector<int64_t>{0, 1, 0, 0, 2, 0});
  TestModel::Set(node, "value", 0.5f);
  const Network network = ReadOrDie(old);
  EXPECT_THAT(IntsOfInput(network, 1), ElementsAre(0, 1, 0, 0, 2, 0));
  EXPECT_EQ(network.initializers.at(network.nodes[0].inputs[2]).ToFloats()[0], 0.5f);
}

TEST(RaiseTest, OldUpsampleAndResizeRoundPositionsDown) {
  for (const char* op : {"Upsample", "Resize"}) {
    SCOPED_TRACE(op);
    TestModel old = OneNode(op == std::string("Resize") ? 10 : 9, op, {"scales"});
    old.Floats("scales", {3}, {1, 2, 2});
    const Network network = ReadOrDie(old);
    const Node& resize = network.nodes.at(0);
    EXPECT_EQ(resize.op, "Resize");
    EXPECT_EQ(resize.String("coordinate_transformation_mode", ""), "asymmetric");
    EXPECT_EQ(resize.String("nearest_mode", ""), "floor");
    EXPECT_EQ(resize.inputs.at(2), "scales");
  }
}

TEST(RaiseTest, SwishOfOpset24IsAGate) {
  TestModel late = OneNode(24, "Swish");
  const Network network = ReadOrDie(late);
  ASSERT_EQ(network.nodes.size(), 2u);
  EXPECT_EQ(network.nodes[0].op, "Sigmoid");
  EXPECT_EQ(network.nodes[1].op, "Mul");
}

TestModel WithFusedConv(const std::string& activation, const std::vector<std::string>& inputs) {
  TestModel model(17);
  auto* import = model.model.add_opset_import();
  import->set_domain("com.microsoft");
  import->set_version(1);
  model.Input("x", {kDynamic, 1, 4, 4}).Input("z", {kDynamic, 2, 2, 2});
  model.Output("y", {kDynamic, 2, 2, 2});
  model.Floats("w", {2, 1, 3, 3}, std::vector<float>(18, 1.0f)).Floats("b", {2}, {1, 2});
  auto& node = model.Add("FusedConv", inputs, {"y"});
  node.set_domain("com.microsoft");
  TestModel::Set(node, "activation", activation);
  return model;
}

TEST(RaiseTest, FusedConvIsTakenApart) {
  const Network network = ReadOrDie(WithFusedConv("Relu", {"x", "w", "b", "z"}));
  ASSERT_EQ(network.nodes.size(), 3u);
  EXPECT_EQ(network.nodes[0].op, "Conv");
  EXPECT_EQ(network.nodes[0].domain, "");
  EXPECT_EQ(network.nodes[0].inputs, (std::vector<std::string>{"x", "w", "b"}));
  EXPECT_EQ(network.nodes[1].op, "Add");
  EXPECT_EQ(network.nodes[2].op, "Relu");
  EXPECT_EQ(network.nodes[2].outputs.at(0), "y");
}

TEST(RaiseTest, FusedConvWithAnUnknownActivationIsFrozen) {
  const auto network = WithFusedConv("Softmax", {"x", "w"}).Read();
  ASSERT_TRUE(network.has_value()) << network.error().message;
  EXPECT_THAT(network->nodes.at(0).frozen_reason, HasSubstr("with the activation 'Softmax'"));
}

}  // namespace
}  // namespace nacre
