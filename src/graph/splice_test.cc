#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/blocks.h"
#include "graph/builder.h"
#include "graph/shapes.h"
#include "graph/test_networks.h"

namespace nacre {
namespace {

using namespace graph_internal;

std::vector<std::string> Ops(const Network& network) {
  std::vector<std::string> ops;
  for (const Node& node : network.nodes) ops.push_back(node.op);
  return ops;
}

void ExpectSound(const Network& network) {
  const auto sound = Verify(network);
  EXPECT_TRUE(sound) << sound.error().message;
  const auto shapes = InferShapes(network, 2);
  EXPECT_TRUE(shapes) << shapes.error().message;
}

TEST(Extract, TakesOneBlockOut) {
  const Network network = CifarResNet(1);
  const auto blocks = FindBlocks(network);
  const Block& block = blocks->at(2);
  const Network fragment = Extract(network, block.input, block.output);
  ExpectSound(fragment);
  EXPECT_EQ(fragment.nodes.size(), block.nodes.size());
  EXPECT_EQ(fragment.inputs[0].name, block.input);
  EXPECT_EQ(fragment.inputs[0].shape, (Shape{kDynamic, 16, 32, 32}));
  EXPECT_EQ(fragment.outputs[0].name, block.output);
  EXPECT_EQ(InferShapes(fragment, 5)->at(block.output).shape, (Shape{5, 32, 16, 16}));
  EXPECT_EQ(CostOf(fragment)->macs, block.macs);
}

TEST(Extract, ThrowsOutsideOfCutPoints) {
  const Network network = CifarResNet(1);
  const auto blocks = FindBlocks(network);
  const std::string inner = network.nodes[blocks->at(1).nodes[0]].outputs[0];
  EXPECT_THROW(Extract(network, "x", inner), std::logic_error);
  EXPECT_THROW(Extract(network, blocks->at(1).output, blocks->at(1).input), std::logic_error);
  EXPECT_THROW(Extract(network, "x", "x"), std::logic_error);
}

TEST(Splice, OfWhatWasTakenOutChangesNothing) {
  const Network network = CifarResNet(2);
  const auto found = FindBlocks(network);
  for (const Block& block : *found) {
    const Network same =
        Splice(network, block.input, block.output, Extract(network, block.input, block.output));
    ExpectSound(same);
    EXPECT_EQ(StructuralHash(same, true), StructuralHash(network, true));
    EXPECT_EQ(same.initializers.size(), network.initializers.size());
  }
}

TEST(Splice, PutsAnotherFragmentInPlace) {
  const Network network = CifarResNet(1);
  const auto blocks = FindBlocks(network);
  // Names that clash on purpose: the fragment's weights are "c0", "c1" as the network's are.
  Sketch sketch({kDynamic, 16, 32, 32});
  const std::string end = sketch.Relu(sketch.Conv("x", 16, 32, 5, 2));
  const Network fragment = std::move(sketch).Finish(end, {kDynamic, 32, 16, 16});
  const Network spliced = Splice(network, blocks->at(2).input, blocks->at(2).output, fragment);
  ExpectSound(spliced);
  EXPECT_EQ(spliced.nodes.size(), network.nodes.size() - blocks->at(2).nodes.size() + 2);
  EXPECT_EQ(FindBlocks(spliced)->at(2).kind, "convolution");
  EXPECT_EQ(spliced.initializers.at("c0"), network.initializers.at("c0"));
  EXPECT_EQ(CostOf(spliced)->macs,
            CostOf(network)->macs - blocks->at(2).macs + 16 * 16 * 32 * 16 * 25);
}

TEST(Splice, OfNothingLeavesAnIdentity) {
  NetworkBuilder builder("net", "x", {kDynamic, 3, 8, 8}, Random(1));
  const std::string first = builder.ConvBn("x", {.out = 8});
  const Network network = std::move(builder).Finish(builder.ConvBn(first, {.out = 8}), "y");
  Network nothing;
  nothing.inputs = nothing.outputs = {{"a", DataType::kFloat, {kDynamic, 8, 8, 8}}};
  const Network spliced = Splice(network, first, "y", nothing);
  ExpectSound(spliced);
  EXPECT_THAT(Ops(spliced), testing::ElementsAre("Conv", "BatchNormalization", "Relu", "Identity"));
  EXPECT_EQ(spliced.outputs[0].name, "y");
  EXPECT_EQ(spliced.initializers.size(), 5u);
}

// A Shape chain that starts at the network's input and ends behind the cut.
Network WithFarShape() {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string first = net.Conv("x", 3, 4);
  const std::string batch = net.Node("Gather", {net.Node("Shape", {first}), net.Ints({0})});
  const std::string second = net.Relu(net.Conv(net.Relu(first), 4, 4));
  const std::string shape = net.Node("Concat", {batch, net.Ints({-1})}, {{"axis", int64_t{0}}});
  const std::string y = net.Linear(net.Node("Reshape", {second, shape}), 256, 10);
  return std::move(net).Finish(y);
}

TEST(Extract, LeadsAShapeChainFromItsOwnInput) {
  const Network network = WithFarShape();
  const auto blocks = FindBlocks(network);
  ASSERT_TRUE(blocks) << blocks.error().message;
  const Network fragment = Extract(network, blocks->at(1).input, blocks->back().output);
  ExpectSound(fragment);
  EXPECT_EQ(InferShapes(fragment, 3)->at(fragment.outputs[0].name).shape, (Shape{3, 10}));
}

TEST(Splice, LeadsAShapeChainPastWhatIsGone) {
  const Network network = WithFarShape();
  const std::vector<std::string> cuts = CutPoints(network);
  Sketch sketch({kDynamic, 3, 8, 8});
  const std::string end = sketch.Conv("x", 3, 4, 1);
  const Network fragment = std::move(sketch).Finish(end, {kDynamic, 4, 8, 8});
  const Network spliced = Splice(network, "x", cuts[2], fragment);
  ExpectSound(spliced);
  EXPECT_EQ(InferShapes(spliced, 3)->at(network.outputs[0].name).shape, (Shape{3, 10}));
}

}  // namespace
}  // namespace nacre
