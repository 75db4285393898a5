#include "train/roles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"

namespace nacre::train_internal {
namespace {

using ::testing::IsEmpty;

NetworkBuilder Builder() { return NetworkBuilder("net", "x", {kDynamic, 4, 8, 8}, Random(1)); }

const Node& First(const Network& network, const std::string& op) {
  for (const Node& node : network.nodes) {
    if (node.op == op) return node;
  }
  throw std::logic_error("no " + op);
}

TEST(FindRoles, GivesConvolutionsLinearLayersAndBatchNormTheirParts) {
  NetworkBuilder builder = Builder();
  const std::string maps = builder.BatchNorm(builder.Conv("x", {.out = 8}));
  const Network network = std::move(builder).Finish(
      builder.Linear(builder.Flatten(builder.GlobalAveragePool(maps)), 3), "y");
  const Roles roles = FindRoles(network);
  const Node &conv = First(network, "Conv"), &norm = First(network, "BatchNormalization");
  const Node& gemm = First(network, "Gemm");
  EXPECT_EQ(roles.of.at(conv.inputs[1]), Role::kWeight);
  EXPECT_EQ(roles.of.at(conv.inputs[2]), Role::kVector);
  EXPECT_EQ(roles.of.at(norm.inputs[1]), Role::kVector);
  EXPECT_EQ(roles.of.at(norm.inputs[2]), Role::kVector);
  EXPECT_EQ(roles.of.at(norm.inputs[3]), Role::kStatistic);
  EXPECT_EQ(roles.of.at(norm.inputs[4]), Role::kStatistic);
  EXPECT_EQ(roles.of.at(gemm.inputs[1]), Role::kWeight);
  EXPECT_EQ(roles.of.at(gemm.inputs[2]), Role::kVector);
  EXPECT_EQ(roles.of.size(), 8u);
}

// A linear layer as exporters without Gemm write it, the bias on either side of the addition.
TEST(FindRoles, FindsTheBiasOfAMatrixProductOnEitherSide) {
  for (const bool first : {false, true}) {
    Network network;
    network.inputs = {{"x", DataType::kFloat, {kDynamic, 2}}};
    network.initializers["w"] = Tensor::Floats({2, 2}, {1, 2, 3, 4});
    network.initializers["b"] = Tensor::Floats({2}, {1, 2});
    network.nodes = {{.name = "product", .op = "MatMul", .inputs = {"x", "w"}, .outputs = {"p"}},
                     {.name = "sum", .op = "Add", .inputs = {"p", "b"}, .outputs = {"y"}}};
    if (first) std::swap(network.nodes[1].inputs[0], network.nodes[1].inputs[1]);
    network.outputs = {{"y", DataType::kFloat, {}}};
    const Roles roles = FindRoles(network);
    EXPECT_EQ(roles.of.at("w"), Role::kWeight);
    EXPECT_EQ(roles.of.at("b"), Role::kVector);
  }
}

TEST(FindRoles, LeavesConstantsOfOtherOperationsAlone) {
  Network network;
  network.inputs = {{"x", DataType::kFloat, {kDynamic, 2}}};
  network.initializers["c"] = Tensor::Floats({2}, {1, 2});
  network.nodes = {{.name = "sum", .op = "Add", .inputs = {"x", "c"}, .outputs = {"s"}},
                   {.name = "scaled", .op = "Mul", .inputs = {"s", "c"}, .outputs = {"y"}}};
  network.outputs = {{"y", DataType::kFloat, {}}};
  EXPECT_THAT(FindRoles(network).of, IsEmpty());
}

TEST(FindRoles, AConvolutionIsScaleFreeWhereABatchNormAloneReadsIt) {
  NetworkBuilder builder = Builder();
  const std::string free = builder.Conv("x", {.out = 4, .groups = 2, .bias = false});
  const std::string shared = builder.Conv("x", {.out = 4, .bias = false});
  const std::string sum = builder.Add(builder.BatchNorm(free), builder.BatchNorm(shared));
  const std::string both = builder.Add(sum, shared);
  const Network network = std::move(builder).Finish(both, "y");
  const Roles roles = FindRoles(network);
  ASSERT_EQ(roles.scale_free.size(), 1u);
  EXPECT_EQ(roles.scale_free.at(network.nodes[*network.Producer(free)].inputs[1]), 2);
}

TEST(FindRoles, AnOutputOrAWeightInTwoPlacesIsNotScaleFree) {
  NetworkBuilder builder = Builder();
  const std::string conv = builder.Conv("x", {.out = 4, .bias = false});
  Network network = std::move(builder).Finish(builder.BatchNorm(conv), "y");
  ASSERT_EQ(FindRoles(network).scale_free.size(), 1u);
  Network shows = network;
  shows.outputs.push_back({conv, DataType::kFloat, {}});
  EXPECT_THAT(FindRoles(shows).scale_free, IsEmpty());
  Node twin = network.nodes[*network.Producer(conv)];
  twin.name = "twin";
  twin.outputs = {"twin"};
  network.nodes.push_back(twin);
  EXPECT_THAT(FindRoles(network).scale_free, IsEmpty());
}

}  // namespace
}  // namespace nacre::train_internal
