#include "graph/sizes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nacre {
namespace {

using ::testing::HasSubstr;

Network OfInput(const Shape& shape) {
  Network network{.name = "sizes"};
  network.inputs = {{"x", DataType::kFloat, shape}};
  network.nodes = {{.name = "relu", .op = "Relu", .inputs = {"x"}, .outputs = {"y"}}};
  network.outputs = {{"y", DataType::kFloat, shape}};
  return network;
}

// `count` nodes that each read the value before twice; the first is a weight of 2 elements.
Network Doubling(int count) {
  Network network = OfInput({1, 3, 8, 8});
  network.initializers["c0"] = Tensor::Floats({2}, {1, 2});
  for (int i = 0; i < count; ++i) {
    const std::string from = "c" + std::to_string(i), to = "c" + std::to_string(i + 1);
    Node node{.name = to, .op = "Concat", .inputs = {from, from}, .outputs = {to}};
    node.attributes["axis"] = int64_t{0};
    network.nodes.push_back(node);
  }
  return network;
}

void ExpectRefused(const Network& network, const std::string& part) {
  const auto checked = CheckSizes(network);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().kind, ErrorKind::kModel);
  EXPECT_THAT(checked.error().message, HasSubstr(part));
}

TEST(SizesTest, LargePicturesAreTakenAndHugeOnesRefused) {
  EXPECT_TRUE(CheckSizes(OfInput({1, 3, 4096, 4096})).has_value());
  ExpectRefused(OfInput({1, 3, 20000, 20000}), "input 'x' makes a value of shape [1,3,20000");
}

TEST(SizesTest, SizesThatOverflowAreRefused) {
  const int64_t big = int64_t{1} << 62;
  ExpectRefused(OfInput({1, big, big, 4}), "input 'x'");
  EXPECT_TRUE(CheckSizes(OfInput({1, big, big, 0})).has_value());
}

TEST(SizesTest, TheBatchIsOne) {
  EXPECT_TRUE(CheckSizes(OfInput({100000, 3, 224, 224})).has_value());
  EXPECT_TRUE(CheckSizes(OfInput({kDynamic, 3, kDynamic, kDynamic})).has_value());
}

TEST(SizesTest, ConstantsAreBoundedTogether) {
  // 4 + 8 + ... + 2^26 is below 2^27, and 2^27 more is not.
  EXPECT_TRUE(CheckSizes(Doubling(25)).has_value());
  ExpectRefused(Doubling(26), "constants that are computed up to Concat node 'c26'");
  ExpectRefused(Doubling(61), "Concat node");
}

TEST(SizesTest, WhatDependsOnAnInputHasTheLargerBound) {
  Network network = Doubling(20);
  // 12 values of 2^24 elements that depend on x are no constants.
  network.inputs[0].shape = {1, 1 << 24};
  for (int i = 0; i < 12; ++i) {
    const std::string to = "v" + std::to_string(i);
    network.nodes.push_back({.name = to, .op = "Abs", .inputs = {"x"}, .outputs = {to}});
  }
  EXPECT_TRUE(CheckSizes(network).has_value());
}

}  // namespace
}  // namespace nacre
