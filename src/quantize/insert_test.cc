#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "graph/builder.h"
#include "quantize/quantize.h"
#include "quantize/scale.h"
#include "quantize/weights.h"

namespace nacre::quantize_internal {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;

const Node& ProducerOf(const Network& network, const std::string& value) {
  const auto index = network.Producer(value);
  if (!index) throw std::logic_error("no producer of " + value);
  return network.nodes[*index];
}

int Count(const Network& network, const std::string& op) {
  int count = 0;
  for (const auto& node : network.nodes) count += node.op == op;
  return count;
}

struct Residual {
  Network network;
  std::string stem, branch;
};

// Conv - Relu - (Conv, identity) - Add - Relu
Residual MakeResidual() {
  NetworkBuilder builder("net", "image", {kDynamic, 3, 8, 8}, Random(1));
  Residual result;
  result.stem = builder.Activation(builder.Conv("image", {.out = 4}), "Relu");
  result.branch = builder.Conv(result.stem, {.out = 4});
  const auto sum = builder.Activation(builder.Add(result.branch, result.stem), "Relu");
  result.network = std::move(builder).Finish(sum, "out");
  return result;
}

TEST(InsertQdq, EveryReaderOfAQuantisedValueReadsItsOneDequantised) {
  const auto [network, stem, branch] = MakeResidual();
  const Network result =
      InsertQdq(network, {{"image", {-2, 2}}, {stem, {0, 6}}, {branch, {-1, 3}}}, {});
  ASSERT_TRUE(Verify(result)) << Verify(result).error().message;
  EXPECT_EQ(Count(result, "QuantizeLinear"), 3);
  EXPECT_EQ(Count(result, "DequantizeLinear"), 3 + 2);  // and two weights
  const Node& add = ProducerOf(result, ProducerOf(result, "out").inputs[0]);
  ASSERT_EQ(add.op, "Add");
  for (const auto& input : add.inputs) EXPECT_EQ(ProducerOf(result, input).op, "DequantizeLinear");
  const Node& conv = ProducerOf(result, branch);
  EXPECT_EQ(conv.inputs[0], add.inputs[1]);
  EXPECT_EQ(result.Consumers(stem).size(), 1u);
}

TEST(InsertQdq, WeightsBecomeInt8AndBiasesStayFloat) {
  const auto [network, stem, branch] = MakeResidual();
  const Network result = InsertQdq(network, {{"image", {-2, 2}}, {stem, {0, 6}}}, {});
  const Node& conv = ProducerOf(result, branch);
  const Node& weight = ProducerOf(result, conv.inputs[1]);
  EXPECT_EQ(weight.Int("axis", -1), 0);
  EXPECT_EQ(result.Initializer(weight.inputs[0])->type(), DataType::kInt8);
  EXPECT_EQ(result.Initializer(weight.inputs[1])->shape(), (Shape{4}));
  EXPECT_EQ(result.Initializer(weight.inputs[2])->ToInts(), (std::vector<int64_t>(4, 0)));
  EXPECT_EQ(result.Initializer(conv.inputs[2])->type(), DataType::kFloat);
  const std::string float_weight = ProducerOf(network, branch).inputs[1];
  EXPECT_EQ(result.Initializer(float_weight), nullptr) << "the float weight is still carried";
}

TEST(InsertQdq, ValuesWithoutARangeStayFloatWithTheirConsumers) {
  const auto [network, stem, branch] = MakeResidual();
  const Network result = InsertQdq(network, {{"image", {-2, 2}}}, {});
  EXPECT_EQ(Count(result, "QuantizeLinear"), 1);
  EXPECT_EQ(ProducerOf(result, branch).inputs, ProducerOf(network, branch).inputs);
}

TEST(InsertQdq, InterfaceIsUnchanged) {
  const auto [network, stem, branch] = MakeResidual();
  const Network result = QuantizeForTiming(network);
  ASSERT_EQ(result.inputs.size(), 1u);
  ASSERT_EQ(result.outputs.size(), 1u);
  EXPECT_EQ(result.inputs[0].name, "image");
  EXPECT_EQ(result.outputs[0].name, "out");
  EXPECT_EQ(ProducerOf(result, "out").op, "Relu");
}

TEST(InsertQdq, ASharedWeightIsQuantisedOnce) {
  auto [network, stem, branch] = MakeResidual();
  Node twin = ProducerOf(network, branch);
  twin.name = "twin";
  twin.outputs = {"twin"};
  network.nodes.push_back(twin);
  network.outputs.push_back({"twin", DataType::kFloat, {}});
  const Network result = InsertQdq(network, {{stem, {0, 6}}}, {});
  EXPECT_EQ(ProducerOf(result, "twin").inputs[1], ProducerOf(result, branch).inputs[1]);
}

TEST(InsertQdq, NewNamesAvoidTakenOnes) {
  auto [network, stem, branch] = MakeResidual();
  network.initializers["image/scale"] = Tensor::Scalar(5);
  network.initializers["image/zero_point"] = Tensor::Scalar(5);
  const Network result = InsertQdq(network, {{"image", {-1, 1}}}, {});
  EXPECT_EQ(result.Initializer("image/scale")->floats()[0], 5);
  EXPECT_TRUE(Verify(result));
}

TEST(QuantizeForTiming, GivesTheStructureOfRealRangesAndFoldsBatchNorm) {
  NetworkBuilder builder("net", "image", {kDynamic, 3, 8, 8}, Random(1));
  const auto stem = builder.ConvBn("image", {.out = 4});
  const auto inner = builder.ConvBn(stem, {.out = 4}, "");
  const auto sum = builder.Activation(builder.Add(inner, stem), "Relu");
  const auto head = builder.Flatten(builder.GlobalAveragePool(sum));
  const Network network = std::move(builder).Finish(builder.Linear(head, 5), "out");
  const Network timing = QuantizeForTiming(network);
  EXPECT_EQ(Count(timing, "BatchNormalization"), 0);
  EXPECT_EQ(Count(timing, "QuantizeLinear"), 5);  // image, stem, inner, sum, pooled
  EXPECT_EQ(Count(timing, "DequantizeLinear"), 5 + 3);
  for (const auto& node : timing.nodes) {
    if (node.op != "QuantizeLinear") continue;
    const float scale = timing.Initializer(node.inputs[1])->floats()[0];
    const auto zero = timing.Initializer(node.inputs[2])->ToInts()[0];
    const bool positive = zero == 0;
    EXPECT_THAT(scale, FloatEq((positive ? 6.0f : 8.0f) / 255)) << node.inputs[0];
    EXPECT_EQ(positive, node.inputs[0] != "image" && node.inputs[0] != inner &&
                            ProducerOf(timing, node.inputs[0]).op != "Conv")
        << node.inputs[0];
  }
}

TEST(ScaleOf, PixelsKeepTheirBytesUnderAScaleThatIsNotOne) {
  const Uint8Scale scale = ScaleOf({0, 255});
  EXPECT_NE(scale.scale, 1.0f);
  EXPECT_EQ(scale.zero_point, 0);
  for (int pixel = 0; pixel < 256; ++pixel) {
    EXPECT_EQ(std::nearbyint(static_cast<float>(pixel) / scale.scale), pixel);
    EXPECT_NEAR(static_cast<float>(pixel) * scale.scale, pixel, 1e-3);
  }
  EXPECT_NE(ScaleOf({-128, 127}).scale, 1.0f);
}

TEST(ScaleOf, ZeroIsExact) {
  EXPECT_EQ(ScaleOf({0, 6}).zero_point, 0);
  EXPECT_EQ(ScaleOf({2, 6}).zero_point, 0);
  EXPECT_FLOAT_EQ(ScaleOf({2, 6}).scale, 6.0f / 255);
  EXPECT_EQ(ScaleOf({-3, -1}).zero_point, 255);
  EXPECT_EQ(ScaleOf({-1, 1}).zero_point, 128);
  EXPECT_EQ(ScaleOf({0, 0}).zero_point, 0);
  EXPECT_TRUE(std::isnormal(ScaleOf({0, 0}).scale));
  EXPECT_TRUE(std::isnormal(ScaleOf({0, 1e-38f}).scale));
}

std::vector<int64_t> Codes(const QuantizedWeight& weight) { return weight.values.ToInts(); }

TEST(QuantizeWeight, RoundsToTheNearestAndTiesToEvenPerChannel) {
  // Scales 1 and 0.5: codes 0.5 -> 0, 1.5 -> 2, 2.5 -> 2.
  const Tensor weight = Tensor::Floats({2, 4}, {127, 0.5f, 1.5f, -2.5f, -63.5f, 0.3f, 0.2f, 0});
  const QuantizedWeight result = QuantizeWeight(weight, 0, 8);
  EXPECT_THAT(result.scales, ElementsAre(FloatEq(1), FloatEq(0.5)));
  EXPECT_THAT(Codes(result), ElementsAre(127, 0, 2, -2, -127, 1, 0, 0));
}

TEST(QuantizeWeight, OtherAxis) {
  const QuantizedWeight result = QuantizeWeight(Tensor::Floats({2, 2}, {1, 20, -2, 10}), 1, 8);
  EXPECT_THAT(result.scales, ElementsAre(FloatEq(2.0f / 127), FloatEq(20.0f / 127)));
  EXPECT_THAT(Codes(result), ElementsAre(64, 127, -127, 64));
}

TEST(QuantizeWeight, SevenBitsKeepPairSumsInsideInt16) {
  const QuantizedWeight result = QuantizeWeight(Tensor::Floats({1, 2}, {3, 3}), 0, 7);
  EXPECT_THAT(Codes(result), ElementsAre(63, 63));
  EXPECT_LE(255 * (Codes(result)[0] + Codes(result)[1]), 32767);
}

TEST(QuantizeWeight, AChannelOfZerosHasAHarmlessScale) {
  const QuantizedWeight result = QuantizeWeight(Tensor::Floats({1, 2}, {0, -0.0f}), 0, 8);
  EXPECT_THAT(result.scales, ElementsAre(1.0f));
  EXPECT_THAT(Codes(result), ElementsAre(0, 0));
}

TEST(QuantizeWeight, RefusesOtherWidths) {
  EXPECT_THROW(QuantizeWeight(Tensor::Floats({1, 1}, {1}), 0, 9), std::logic_error);
  EXPECT_THROW(QuantizeWeight(Tensor::Floats({1, 1}, {1}), 0, 1), std::logic_error);
}

TEST(SafeWeightBits, SevenWithoutAnInt32Accumulator) {
  MachineInfo machine;
  machine.instructions = {"avx2", "avx512f"};
  EXPECT_EQ(SafeWeightBits(machine), 7);
  machine.instructions.push_back("avx_vnni");
  EXPECT_EQ(SafeWeightBits(machine), 8);
}

}  // namespace
}  // namespace nacre::quantize_internal
