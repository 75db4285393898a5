#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "onnx/test_models.h"

namespace nacre {

using namespace onnx_internal;

namespace {

using ::testing::ElementsAre;

// x [N,4,8] -> `node` -> y, with an opaque node behind it that keeps the opset.
Network AtOpset(int opset, Node node) {
  Network network;
  network.name = "test";
  network.opset = opset;
  network.inputs = {{"x", DataType::kFloat, {kDynamic, 4, 8}}};
  network.outputs = {{"z", DataType::kFloat, {kDynamic, 4, 8}}};
  node.name = "node";
  node.inputs.insert(node.inputs.begin(), "x");
  node.outputs = {"y"};
  proto::NodeProto opaque;
  opaque.set_op_type("Hardmax");
  opaque.add_input("y");
  opaque.add_output("z");
  network.nodes = {node,
                   {.name = "last",
                    .op = "Hardmax",
                    .inputs = {"y"},
                    .outputs = {"z"},
                    .frozen_reason = "test",
                    .verbatim = opaque.SerializeAsString()}};
  return network;
}

TEST(WriteTest, TheSameBytesEveryTime) {
  TestModel test = OneNode(17, "Add", {"w"});
  test.Floats("w", {8}, std::vector<float>(8, 0.5f));
  const auto network = test.Read();
  ASSERT_TRUE(network.has_value());
  const std::string bytes = SerializeOnnx(*network);
  EXPECT_EQ(bytes, SerializeOnnx(*network));
  const auto again = ParseOnnx(bytes);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(bytes, SerializeOnnx(*again));
}

TEST(WriteTest, MetadataGoesBothWays) {
  auto network = OneNode(17, "Relu").Read();
  ASSERT_TRUE(network.has_value());
  network->metadata = {{"nacre.seed", "1"}, {"author", "someone"}};
  const auto again = ParseOnnx(SerializeOnnx(*network));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->metadata, network->metadata);
}

TEST(WriteTest, TheBatchIsCalledN) {
  const auto network = OneNode(17, "Relu").Read();
  ASSERT_TRUE(network.has_value());
  const proto::ModelProto written = Written(*network);
  EXPECT_EQ(written.opset_import(0).version(), 17);
  EXPECT_EQ(written.graph().input(0).type().tensor_type().shape().dim(0).dim_param(), "N");
  EXPECT_EQ(written.graph().output(0).type().tensor_type().shape().dim(0).dim_param(), "N");
  EXPECT_EQ(written.graph().output(0).type().tensor_type().shape().dim(2).dim_value(), 8);
}

TEST(WriteTest, DynamicDimensionsKeepTheirNames) {
  TestModel named = OneNode(17, "Relu");
  for (auto* value : {named.model.mutable_graph()->mutable_input(0),
                      named.model.mutable_graph()->mutable_output(0)}) {
    auto* shape = value->mutable_type()->mutable_tensor_type()->mutable_shape();
    shape->mutable_dim(0)->set_dim_param("batch");
    shape->mutable_dim(1)->clear_dim_value();
    shape->mutable_dim(1)->set_dim_param("length");
  }
  const auto network = named.Read();
  ASSERT_TRUE(network.has_value()) << network.error().message;
  const proto::ModelProto written = Written(*network);
  for (const auto& value : {written.graph().input(0), written.graph().output(0)}) {
    const auto& shape = value.type().tensor_type().shape();
    EXPECT_EQ(shape.dim(0).dim_param(), "batch");
    EXPECT_EQ(shape.dim(1).dim_param(), "length");
    EXPECT_EQ(shape.dim(2).dim_value(), 8);
  }
}

TEST(WriteTest, WithoutOpaqueNodesTheOpsetIs17) {
  auto network = OneNode(17, "Relu").Read();
  ASSERT_TRUE(network.has_value());
  network->opset = 11;
  EXPECT_EQ(Written(*network).opset_import(0).version(), 17);
}

TEST(WriteTest, Opset11HasItsOwnWords) {
  const proto::ModelProto swish = Written(AtOpset(11, {.op = "HardSwish"}));
  EXPECT_EQ(swish.opset_import(0).version(), 11);
  EXPECT_THAT(Operations(swish), ElementsAre("HardSigmoid", "Mul", "Hardmax"));
  EXPECT_FLOAT_EQ(swish.graph().node(0).attribute(0).f(), 1.0f / 6);

  Network squeeze = AtOpset(11, {.op = "Unsqueeze", .inputs = {"axes"}});
  squeeze.initializers["axes"] = Tensor::Ints({1}, {2});
  const proto::ModelProto squeezed = Written(squeeze);
  EXPECT_EQ(squeezed.graph().node(0).input_size(), 1);
  EXPECT_EQ(squeezed.graph().node(0).attribute(0).ints(0), 2);

  const proto::ModelProto softmax =
      Written(AtOpset(11, {.op = "Softmax", .attributes = {{"axis", int64_t{1}}}}));
  EXPECT_THAT(Operations(softmax),
              ElementsAre("ReduceMax", "Sub", "Exp", "ReduceSum", "Div", "Hardmax"));
  EXPECT_THAT(Operations(Written(AtOpset(11, {.op = "Softmax"}))),
              ElementsAre("Softmax", "Hardmax"));

  const proto::ModelProto shape =
      Written(AtOpset(13, {.op = "Shape", .attributes = {{"start", int64_t{1}}}}));
  EXPECT_THAT(Operations(shape), ElementsAre("Shape", "Slice", "Hardmax"));
}

TEST(WriteTest, WeightsPerChannelGoBackToFloatBeforeOpset13) {
  Network network = AtOpset(12, {.op = "Add", .inputs = {"w"}});
  network.initializers["q"] = Tensor::Int8s({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  network.initializers["scale"] = Tensor::Floats({4}, {1, 2, 3, 4});
  network.nodes.insert(network.nodes.begin(), Node{.name = "back",
                                                   .op = "DequantizeLinear",
                                                   .inputs = {"q", "scale"},
                                                   .outputs = {"w"},
                                                   .attributes = {{"axis", int64_t{0}}}});
  const proto::ModelProto written = Written(network);
  EXPECT_THAT(Operations(written), ElementsAre("Add", "Hardmax"));
  for (const auto& tensor : written.graph().initializer()) {
    if (tensor.name() != "w") continue;
    std::vector<float> values(8);
    ASSERT_EQ(tensor.raw_data().size(), 32u);
    std::memcpy(values.data(), tensor.raw_data().data(), 32);
    EXPECT_THAT(values, ElementsAre(1, 2, 6, 8, 15, 18, 28, 32));
    return;
  }
  FAIL() << "no weights 'w'";
}

TEST(WriteTest, Opset18HasItsOwnWords) {
  const proto::ModelProto mean = Written(
      AtOpset(18, {.op = "ReduceMean", .attributes = {{"axes", std::vector<int64_t>{1, 2}}}}));
  EXPECT_EQ(mean.graph().node(0).input_size(), 2);
  EXPECT_EQ(mean.graph().node(0).attribute_size(), 0);
  const proto::ModelProto split = Written(AtOpset(18, {.op = "Split"}));
  EXPECT_EQ(split.graph().node(0).attribute(0).name(), "num_outputs");
}

TEST(WriteTest, WhatAnOpsetCannotSayIsAnErrorOfTheFile) {
  Network network = AtOpset(11, {.op = "Squeeze", .inputs = {"axes"}});
  network.inputs.push_back({"axes", DataType::kInt64, {1}});
  EXPECT_THROW(SerializeOnnx(network), std::logic_error);
  const auto written = WriteOnnx(network, "/tmp/never-written.onnx");
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind, ErrorKind::kModel);
}

TEST(WriteTest, SizeIsKnownWithoutTheWeights) {
  TestModel test(17);
  test.Input("x", {kDynamic, 3})
      .Output("y", {kDynamic, 100})
      .Floats("w", {3, 100}, std::vector<float>(300, 0.5f));
  test.Add("MatMul", {"x", "w"}, {"y"});
  auto network = test.Read();
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_EQ(SerializedSize(*network), static_cast<int64_t>(SerializeOnnx(*network).size()));
  network->initializers["w"] = Tensor::Deferred(
      {3, 100}, []() -> std::vector<float> { throw std::logic_error("the weights were made"); });
  EXPECT_EQ(SerializedSize(*network), static_cast<int64_t>(SerializeOnnx(*test.Read()).size()));
}

}  // namespace
}  // namespace nacre
