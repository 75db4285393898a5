// Each network is exported with a batch of one; its shapes are asked for at a batch of five.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "graph/shapes.h"
#include "graph/simplify.h"
#include "graph/test_networks.h"

namespace nacre {
namespace {

using namespace graph_internal;
using Ints = std::vector<int64_t>;

// Of the output, at a batch of five and at the file's.
void ExpectFree(Network network, const Shape& five) {
  const std::string y = network.outputs[0].name;
  const auto folded = FoldConstants(network);
  ASSERT_TRUE(folded) << folded.error().message;
  const auto before = InferShapes(network, 1), after = InferShapes(*folded, 1);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->at(y).shape, before->at(y).shape);
  const auto more = InferShapes(*folded, 5);
  ASSERT_TRUE(more) << more.error().message;
  EXPECT_EQ(ToString(more->at(y).shape), ToString(five));
}

TEST(FreeBatchTest, AReshapeThatNamesItLetsItThrough) {
  Sketch net({1, 8, 4, 4});
  const std::string y = net.Node("Reshape", {"x", net.Ints({1, 64, 2})});
  ExpectFree(std::move(net).Finish(y), {5, 64, 2});
}

TEST(FreeBatchTest, TheOpenEntryMovesToTheBatch) {
  Sketch net({1, 8, 4, 4});
  const std::string turned = net.Node("Transpose", {"x"}, {{"perm", Ints{0, 2, 3, 1}}});
  const std::string y = net.Node("Reshape", {turned, net.Ints({1, -1, 2})});
  ExpectFree(std::move(net).Finish(y), {5, 64, 2});
}

// Rows of all images become one list, and then images again (SSD heads).
TEST(FreeBatchTest, ItComesBackOutOfAListOfRows) {
  Sketch net({1, 8, 4, 4});
  const std::string rows = net.Node("Reshape", {"x", net.Ints({-1, 2})});
  const std::string y = net.Node("Reshape", {net.Relu(rows), net.Ints({1, 64, 2})});
  ExpectFree(std::move(net).Finish(y), {5, 64, 2});
}

TEST(FreeBatchTest, ItIsFollowedToAnotherAxis) {
  Sketch net({1, 8, 6});
  const std::string turned = net.Node("Transpose", {"x"}, {{"perm", Ints{2, 0, 1}}});
  const std::string y = net.Node("Reshape", {turned, net.Ints({6, 1, 4, 2})});
  ExpectFree(std::move(net).Finish(y), {6, 5, 4, 2});
}

TEST(FreeBatchTest, ZerosThatAreJoinedBecomePads) {
  Sketch net({1, 2, 4, 4});
  const std::string zeros = net.Constant(Tensor::Floats({1, 3, 4, 4}, std::vector<float>(48)));
  const std::string y = net.Node("Concat", {"x", zeros}, {{"axis", int64_t{1}}});
  Network network = std::move(net).Finish(y);
  EXPECT_EQ(FoldConstants(network)->nodes.back().op, "Pad");
  ExpectFree(std::move(network), {5, 5, 4, 4});
}

TEST(FreeBatchTest, ConstantsThatAreJoinedAreRepeated) {
  Sketch net({1, 2, 2});
  const std::string anchors = net.Constant(Tensor::Floats({1, 3, 2}, {1, 2, 3, 4, 5, 6}));
  const std::string y = net.Node("Concat", {anchors, "x"}, {{"axis", int64_t{-2}}});
  ExpectFree(std::move(net).Finish(y), {5, 5, 2});
}

TEST(FreeBatchTest, AllOfTheFilesBatchIsAll) {
  Sketch net({1, 8, 4, 4});
  const std::string part = net.Node("Slice", {"x", net.Ints({0, 2}), net.Ints({1, 6})});
  const std::string y = net.Node("Flatten", {part}, {{"axis", int64_t{0}}});
  ExpectFree(std::move(net).Finish(y), {5, 64});
}

TEST(FreeBatchTest, SizesOfAResizeBecomeScales) {
  Sketch net({1, 2, 3, 7});
  const std::string y = net.Node("Resize", {"x", "", "", net.Ints({1, 2, 10, 9})});
  ExpectFree(std::move(net).Finish(y), {5, 2, 10, 9});
}

// 0 .. count - 1, in a shape.
Tensor Counted(Shape shape) {
  std::vector<int64_t> numbers(static_cast<size_t>(ElementCount(shape)));
  std::iota(numbers.begin(), numbers.end(), 0);
  return Tensor::Ints(std::move(shape), numbers);
}

// as_strided, as torch's newer exporter writes it (ConvNeXt).
TEST(FreeBatchTest, AGatherOfAllElementsInOrderIsAReshape) {
  Sketch net({1, 6, 2, 2});
  const std::string flat = net.Node("Reshape", {"x", net.Ints({-1})});
  const std::string y = net.Node("Gather", {flat, net.Constant(Counted({1, 6, 4}))});
  Network network = std::move(net).Finish(y);
  EXPECT_EQ(FoldConstants(network)->nodes.back().op, "Reshape");
  ExpectFree(std::move(network), {5, 6, 4});
}

TEST(FreeBatchTest, AGatherAlongAnInnerAxisKeepsTheOthers) {
  Sketch net({1, 3, 8, 5});
  const std::string y =
      net.Node("Gather", {"x", net.Constant(Counted({2, 4}))}, {{"axis", int64_t{-2}}});
  Network network = std::move(net).Finish(y);
  EXPECT_EQ(FoldConstants(network)->nodes.back().op, "Reshape");
  ExpectFree(std::move(network), {5, 3, 2, 4, 5});
}

TEST(FreeBatchTest, AGatherThatMovesOrLeavesOutStaysOne) {
  for (const std::vector<int64_t>& taken : {Ints{0, 2, 1}, Ints{0, 1}, Ints{0, 1, 2, 2}}) {
    Sketch net({1, 3, 4});
    const std::string y = net.Node("Gather", {"x", net.Ints(taken)}, {{"axis", int64_t{1}}});
    EXPECT_EQ(FoldConstants(std::move(net).Finish(y))->nodes.back().op, "Gather");
  }
}

// The first of the file's one image.
TEST(FreeBatchTest, AGatherOfOneStaysOne) {
  Sketch net({1, 3, 4});
  const std::string first = net.Node("Gather", {"x", net.Ints({0})});
  const std::string y = net.Relu(first);
  EXPECT_EQ(FoldConstants(std::move(net).Finish(y))->nodes.front().op, "Gather");
}

// The rows of a batch of other items would be mixed: nothing is changed.
TEST(FreeBatchTest, WhatMixesItemsStaysAsItIs) {
  Sketch net({1, 8, 2});
  const std::string y = net.Node("Reshape", {"x", net.Ints({16})});
  const Network network = std::move(net).Finish(y);
  const auto folded = FoldConstants(network);
  ASSERT_TRUE(folded);
  EXPECT_EQ(ToString(InferShapes(*folded, 1)->at(y).shape), "[16]");
}

}  // namespace
}  // namespace nacre
