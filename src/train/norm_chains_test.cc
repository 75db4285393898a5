#include "train/norm_chains.h"

#include <gtest/gtest.h>

#include "graph/builder.h"

namespace nacre::train_internal {
namespace {

NetworkBuilder Builder() { return NetworkBuilder("net", "x", {kDynamic, 3, 8, 8}, Random(1)); }

NormChains Find(const Network& network, const std::set<std::string>& kept = {}) {
  return FindNormChains(network, [&](const std::string& value) {
    return kept.count(value) > 0 || network.IsOutput(value);
  });
}

TEST(FindNormChains, FollowsAdditionAndRelu) {
  NetworkBuilder builder = Builder();
  const std::string stem = builder.ConvBn("x", {.out = 8});
  const std::string branch = builder.BatchNorm(builder.Conv(stem, {.out = 8, .bias = false}));
  const std::string sum = builder.Add(branch, stem);
  const std::string end = builder.Activation(sum, "Relu");
  const Network network = std::move(builder).Finish(builder.GlobalAveragePool(end), "y");
  const NormChains chains = Find(network);
  ASSERT_EQ(chains.by_last.size(), 2u);
  EXPECT_EQ(chains.earlier.size(), 3u);
  for (const auto& [last, chain] : chains.by_last) {
    EXPECT_EQ(last->op, "Relu");
    EXPECT_TRUE(chain.relu);
    EXPECT_EQ(chain.residual, last->outputs[0] == end ? stem : "");
  }
  // A value that must be kept between two nodes keeps them apart.
  const NormChains apart = Find(network, {branch, sum});
  EXPECT_EQ(apart.by_last.size(), 2u);
  EXPECT_EQ(apart.earlier.size(), 1u);
}

TEST(FindNormChains, GivesAnAdditionToOneOfTwoNormalizations) {
  NetworkBuilder builder = Builder();
  const std::string left = builder.BatchNorm(builder.Conv("x", {.out = 8, .bias = false}));
  const std::string right = builder.BatchNorm(builder.Conv("x", {.out = 8, .bias = false}));
  const Network network =
      std::move(builder).Finish(builder.GlobalAveragePool(builder.Add(left, right)), "y");
  const NormChains chains = Find(network);
  ASSERT_EQ(chains.by_last.size(), 2u);
  int added = 0;
  for (const auto& [last, chain] : chains.by_last) added += chain.residual.empty() ? 0 : 1;
  EXPECT_EQ(added, 1);
  EXPECT_EQ(chains.earlier.size(), 1u);
}

TEST(FindNormChains, LeavesWhatOthersRead) {
  NetworkBuilder builder = Builder();
  const std::string norm = builder.BatchNorm(builder.Conv("x", {.out = 8, .bias = false}));
  const std::string twice = builder.Add(norm, norm);
  const Network network =
      std::move(builder).Finish(builder.GlobalAveragePool(builder.Activation(twice, "Relu")), "y");
  const NormChains chains = Find(network);
  ASSERT_EQ(chains.by_last.size(), 1u);
  EXPECT_EQ(chains.by_last.begin()->first->op, "BatchNormalization");
  EXPECT_TRUE(chains.earlier.empty());
}

}  // namespace
}  // namespace nacre::train_internal
