#include "graph/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "graph/builder.h"

namespace nacre {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Network Small(const std::string& name = "net", uint64_t seed = 1, int64_t width = 4) {
  NetworkBuilder builder(name, "x", {kDynamic, 3, 8, 8}, Random(seed));
  std::string y = builder.ConvBn("x", {.out = width});
  y = builder.Add(y, builder.Conv(y, {.out = width}));
  y = builder.Linear(builder.Flatten(builder.GlobalAveragePool(y)), 5);
  return std::move(builder).Finish(y, "y");
}

TEST(NetworkTest, AnswersWhoMakesAndReadsAValue) {
  const Network network = Small();
  const std::string relu = network.nodes[2].outputs[0];
  EXPECT_EQ(network.Producer(relu), 2u);
  EXPECT_THAT(network.Consumers(relu), ElementsAre(3, 4));
  EXPECT_EQ(network.Producer("x"), std::nullopt);
  EXPECT_EQ(network.Producer(""), std::nullopt);
  EXPECT_TRUE(network.IsOutput("y"));
  EXPECT_FALSE(network.IsOutput(relu));
  EXPECT_NE(network.Initializer(network.nodes[0].inputs[1]), nullptr);
  EXPECT_EQ(network.Initializer("x"), nullptr);
  EXPECT_EQ(network.FreshName("new"), "new");
  EXPECT_EQ(network.FreshName("x"), "x_2");
}

TEST(NetworkTest, AttributesFallBackAndCheckTheirType) {
  const Network network = Small();
  EXPECT_EQ(network.nodes[0].Int("group", 7), 1);
  EXPECT_EQ(network.nodes[0].Int("absent", 7), 7);
  EXPECT_THAT(network.nodes[0].Ints("kernel_shape"), ElementsAre(3, 3));
  EXPECT_THROW(network.nodes[0].Int("kernel_shape", 0), std::logic_error);
}

TEST(VerifyTest, NamesWhatIsBroken) {
  EXPECT_TRUE(Verify(Small()));
  Network shuffled = Small();
  std::swap(shuffled.nodes[0], shuffled.nodes[1]);
  EXPECT_THAT(Verify(shuffled).error().message, HasSubstr("which nothing before it produces"));
  Network twice = Small();
  twice.nodes[1].outputs[0] = twice.nodes[0].outputs[0];
  EXPECT_THAT(Verify(twice).error().message, HasSubstr("two producers"));
  Network missing = Small();
  missing.outputs[0].name = "nothing";
  EXPECT_THAT(Verify(missing).error().message, HasSubstr("'nothing'"));
  Network clash = Small();
  clash.initializers["x"] = Tensor::Scalar(1);
  EXPECT_EQ(Verify(clash).error().kind, ErrorKind::kModel);
  Network names = Small();
  names.nodes[1].name = names.nodes[0].name;
  EXPECT_THAT(Verify(names).error().message, HasSubstr("two nodes"));
  Network endless = Small();
  endless.outputs.clear();
  EXPECT_FALSE(Verify(endless));
}

TEST(RemoveDeadTest, KeepsWhatTheOutputsNeed) {
  Network network = Small();
  const size_t parameters = network.initializers.size();
  network.outputs[0].name = network.nodes[2].outputs[0];
  RemoveDead(network);
  EXPECT_EQ(network.nodes.size(), 3u);
  EXPECT_EQ(network.initializers.size(), parameters - 4);
  EXPECT_TRUE(Verify(network));
}

TEST(StructuralHashTest, IgnoresNamesAndWeights) {
  EXPECT_EQ(StructuralHash(Small("a", 1)), StructuralHash(Small("b", 2)));
  EXPECT_NE(StructuralHash(Small("a", 1), true), StructuralHash(Small("a", 2), true));
  EXPECT_EQ(StructuralHash(Small("a", 1), true), StructuralHash(Small("b", 1), true));
}

TEST(StructuralHashTest, SeesShapesAttributesWiringAndShapeConstants) {
  const std::string hash = StructuralHash(Small());
  EXPECT_NE(hash, StructuralHash(Small("net", 1, 8)));
  Network stride = Small();
  stride.nodes[0].attributes["strides"] = std::vector<int64_t>{2, 2};
  EXPECT_NE(hash, StructuralHash(stride));
  Network wiring = Small();
  wiring.nodes[4].inputs[1] = wiring.nodes[4].inputs[0];
  EXPECT_NE(hash, StructuralHash(wiring));
  Network batch = Small();
  batch.inputs[0].shape[0] = 1;
  EXPECT_NE(hash, StructuralHash(batch));
  Network reshape = Small(), other = reshape;
  reshape.nodes[6] = {
      "r", "Reshape", "", {reshape.nodes[6].inputs[0], "s"}, reshape.nodes[6].outputs, {}, "", ""};
  other.nodes[6] = reshape.nodes[6];
  reshape.initializers["s"] = Tensor::Ints({2}, {0, -1});
  other.initializers["s"] = Tensor::Ints({2}, {-1, 4});
  EXPECT_NE(StructuralHash(reshape), StructuralHash(other));
}

}  // namespace
}  // namespace nacre
