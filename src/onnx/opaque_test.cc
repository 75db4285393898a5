// What nacre does not understand goes through as it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "onnx/test_models.h"

namespace nacre {

using namespace onnx_internal;

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(OpaqueTest, NodesOfOtherDomainsGoThroughVerbatim) {
  TestModel test = OneNode(13, "Gelu");
  FirstNode(test).set_domain("com.example");
  TestModel::Set(FirstNode(test), "exact", int64_t{1});
  auto* import = test.model.add_opset_import();
  import->set_domain("com.example");
  import->set_version(7);
  const auto network = test.Read();
  ASSERT_TRUE(network.has_value()) << network.error().message;
  EXPECT_THAT(network->nodes[0].frozen_reason, HasSubstr("Gelu (com.example opset 7)"));
  const proto::ModelProto written = Written(*network);
  proto::NodeProto node = written.graph().node(0);
  node.clear_name();
  EXPECT_EQ(node.SerializeAsString(), FirstNode(test).SerializeAsString());
  ASSERT_EQ(written.opset_import_size(), 2);
  EXPECT_EQ(written.opset_import(1).domain(), "com.example");
  EXPECT_EQ(written.opset_import(1).version(), 7);
}

TEST(OpaqueTest, TheOpsetIsOursUnlessAnOpaqueNodeChangedItsMeaning) {
  EXPECT_EQ(OneNode(11, "Mish").Read()->opset, 17);
  EXPECT_EQ(OneNode(11, "Hardmax").Read()->opset, 11);
  EXPECT_EQ(OneNode(13, "Hardmax").Read()->opset, 17);
  EXPECT_EQ(OneNode(20, "AffineGrid").Read()->opset, 20);
  EXPECT_EQ(OneNode(20, "Relu").Read()->opset, 17);
}

// If whose branches read "x" and "bias" of the graph around them.
TestModel WithIf() {
  TestModel test(16);
  test.Input("c", {}, proto::TensorProto::BOOL).Input("x", {2}).Output("y", {2});
  test.Floats("bias", {2}, {1, 2});
  auto& node = test.Add("If", {"c"}, {"y"});
  for (const char* key : {"then_branch", "else_branch"}) {
    auto* attribute = node.add_attribute();
    attribute->set_name(key);
    attribute->set_type(proto::AttributeProto::GRAPH);
    auto* graph = attribute->mutable_g();
    graph->set_name(key);
    auto* inner = graph->add_node();
    inner->set_op_type(std::string(key) == "then_branch" ? "Add" : "Sub");
    inner->add_input("x");
    inner->add_input("bias");
    inner->add_output(std::string(key) + "_out");
    TestModel::SetValue(graph->add_output(), std::string(key) + "_out", {2});
  }
  return test;
}

TEST(OpaqueTest, CapturedValuesAreInputs) {
  const auto network = WithIf().Read();
  ASSERT_TRUE(network.has_value()) << network.error().message;
  EXPECT_THAT(network->nodes[0].inputs, ElementsAre("c", "x", "bias"));
  EXPECT_TRUE(network->initializers.contains("bias"));
}

TEST(OpaqueTest, RenamedValuesAreRenamedInside) {
  auto network = WithIf().Read();
  ASSERT_TRUE(network.has_value());
  network->inputs[1].name = network->nodes[0].inputs[1] = "image";
  const proto::ModelProto written = Written(*network);
  const auto& branch = written.graph().node(0).attribute(0).g();
  EXPECT_EQ(written.graph().node(0).input_size(), 1);
  EXPECT_EQ(branch.node(0).input(0), "image");
  EXPECT_EQ(branch.node(0).input(1), "bias");
}

TEST(OpaqueTest, LostInputsAreABrokenContract) {
  auto network = WithIf().Read();
  ASSERT_TRUE(network.has_value());
  network->nodes[0].inputs.pop_back();
  EXPECT_THROW(SerializeOnnx(*network), std::logic_error);
}

TEST(OpaqueTest, WeightsOfTypesWithoutATensorBecomeConstants) {
  TestModel test(21);
  test.Input("x", {4}).Output("y", {4}).Floats("scale", {}, {0.5f});
  auto* tensor = test.model.mutable_graph()->add_initializer();
  tensor->set_name("w4");
  tensor->set_data_type(proto::TensorProto::INT4);
  tensor->add_dims(4);
  tensor->set_raw_data(std::string("\x21\x43", 2));
  test.Add("DequantizeLinear", {"w4", "scale"}, {"w"});
  test.Add("Add", {"x", "w"}, {"y"});
  const auto network = test.Read();
  ASSERT_TRUE(network.has_value()) << network.error().message;
  EXPECT_THAT(Operations(*network), ElementsAre("Constant", "DequantizeLinear", "Add"));
  EXPECT_TRUE(network->nodes[0].opaque());
  EXPECT_TRUE(network->nodes[1].opaque());
  EXPECT_FALSE(network->nodes[2].opaque());
  EXPECT_EQ(Written(*network).graph().node(0).attribute(0).t().raw_data(),
            std::string("\x21\x43", 2));
}

TEST(OpaqueTest, FunctionsOfTheFileAreReplacedByTheirBodies) {
  TestModel test = OneNode(17, "Twice");
  FirstNode(test).set_domain("local");
  TestModel::Set(FirstNode(test), "by", int64_t{2});
  auto* function = test.model.add_functions();
  function->set_name("Twice");
  function->set_domain("local");
  function->add_input("a");
  function->add_output("b");
  function->add_attribute("by");
  auto* first = function->add_node();
  first->set_op_type("Softmax");
  first->add_input("a");
  first->add_output("inner");
  auto* axis = first->add_attribute();
  axis->set_name("axis");
  axis->set_ref_attr_name("by");
  axis->set_type(proto::AttributeProto::INT);
  auto* second = function->add_node();
  second->set_op_type("Relu");
  second->add_input("inner");
  second->add_output("b");
  const auto network = test.Read();
  ASSERT_TRUE(network.has_value()) << network.error().message;
  EXPECT_THAT(Operations(*network), ElementsAre("Softmax", "Relu"));
  EXPECT_EQ(network->nodes[0].Int("axis", 0), 2);
  EXPECT_EQ(network->nodes[0].inputs[0], "x");
  EXPECT_EQ(network->nodes[1].outputs[0], "y");
  second->set_op_type("Twice");
  second->set_domain("local");
  const auto endless = test.Read();
  ASSERT_FALSE(endless.has_value());
  EXPECT_THAT(endless.error().message, HasSubstr("calls itself"));
}

// 40 functions, each of which calls the next one twice.
TEST(OpaqueTest, FunctionsThatCallFunctionsAreBounded) {
  constexpr int kLevels = 40;
  TestModel test = OneNode(17, "F0");
  FirstNode(test).set_domain("local");
  for (int level = 0; level < kLevels; ++level) {
    auto* function = test.model.add_functions();
    function->set_name("F" + std::to_string(level));
    function->set_domain("local");
    function->add_input("a");
    function->add_output("c");
    for (const auto& [from, to] : {std::pair("a", "b"), std::pair("b", "c")}) {
      auto* call = function->add_node();
      call->set_op_type(level + 1 == kLevels ? "Relu" : "F" + std::to_string(level + 1));
      if (level + 1 < kLevels) call->set_domain("local");
      call->add_input(from);
      call->add_output(to);
    }
  }
  const auto network = test.Read();
  ASSERT_FALSE(network.has_value());
  EXPECT_EQ(network.error().kind, ErrorKind::kModel);
  EXPECT_THAT(network.error().message, HasSubstr("export the model without functions"));
}

}  // namespace
}  // namespace nacre
