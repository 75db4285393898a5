#include "graph/elastic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "graph/builder.h"
#include "graph/shapes.h"
#include "graph/test_networks.h"

namespace nacre {
namespace {

using namespace graph_internal;
using ::testing::ElementsAre;

using Kind = ElasticDimension::Kind;

int Count(const Elasticity& elasticity, Kind kind) {
  int count = 0;
  for (const ElasticDimension& each : elasticity.dimensions) count += each.kind == kind;
  return count;
}

std::vector<int> Largest(const Elasticity& elasticity) {
  return std::vector<int>(elasticity.dimensions.size(), 0);
}

// Whether every float weight of the sub-network is made of the elements that SharedElements says.
void ExpectShares(const Network& network, const Elasticity& elasticity,
                  const std::vector<int>& genes) {
  const Network subnet = ExtractSubnet(network, elasticity, genes).value();
  EXPECT_TRUE(Verify(subnet));
  const auto elements = SharedElements(network, elasticity, genes).value();
  const WeightNumbers numbers = NumberWeights(network);
  std::vector<float> all(static_cast<size_t>(numbers.total));
  for (const auto& [name, first] : numbers.first) {
    const auto floats = network.initializers.at(name).floats();
    std::copy(floats.begin(), floats.end(), all.begin() + first);
  }
  ASSERT_FALSE(elements.empty());
  for (const auto& [name, of] : elements) {
    const auto floats = subnet.initializers.at(name).floats();
    ASSERT_EQ(of.size(), floats.size()) << name;
    for (size_t i = 0; i < of.size(); ++i)
      ASSERT_EQ(floats[i], all.at(static_cast<size_t>(of[i]))) << name << " " << i;
  }
}

// Two inverted residuals of 16 channels, expanded to 96, behind a stem of 32 channels.
Network InvertedResiduals(int64_t kernel = 3) {
  NetworkBuilder builder("net", "image", {kDynamic, 3, 16, 16}, Random(1));
  std::string x = builder.ConvBn("image", {.out = 32, .kernel = kernel, .stride = 2});
  x = builder.ConvBn(x, {.out = 16, .kernel = 1}, "");
  for (int block = 0; block < 2; ++block) {
    std::string inner = builder.ConvBn(x, {.out = 96, .kernel = 1});
    inner = builder.ConvBn(inner, {.out = 96, .kernel = kernel, .groups = 96});
    x = builder.Add(builder.ConvBn(inner, {.out = 16, .kernel = 1}, ""), x);
  }
  return std::move(builder).Finish(builder.Linear(builder.Flatten(builder.GlobalAveragePool(x)), 5),
                                   "logits");
}

TEST(FindElasticity, OfAResNetWithPaddedShortcuts) {
  const Network network = CifarResNet(2);
  const Elasticity elasticity = FindElasticity(network).value();
  // The inner width of each of six blocks, and the one group of all stages.
  EXPECT_EQ(Count(elasticity, Kind::kWidth), 7);
  // Both blocks of the first stage, and the second ones of the others.
  EXPECT_EQ(Count(elasticity, Kind::kDepth), 4);
  EXPECT_EQ(elasticity.groups.size(), 7u);
  EXPECT_EQ(elasticity.blocks.size(), 4u);
  for (const ElasticDimension& each : elasticity.dimensions) {
    EXPECT_TRUE(std::is_sorted(each.values.rbegin(), each.values.rend()));
    EXPECT_GE(each.values.size(), 2u);
  }
  EXPECT_GT(elasticity.LogSize(), 3);
}

TEST(FindElasticity, OfInvertedResiduals) {
  const Elasticity elasticity = FindElasticity(InvertedResiduals()).value();
  EXPECT_EQ(Count(elasticity, Kind::kDepth), 2);
  std::vector<int64_t> widest;
  for (const ElasticDimension& each : elasticity.dimensions) {
    if (each.kind == Kind::kWidth) widest.push_back(each.values[0]);
    if (each.values[0] != 96) continue;
    EXPECT_THAT(each.values, ElementsAre(96, 80, 64, 48, 32));
  }
  EXPECT_THAT(widest, ElementsAre(32, 16, 96, 96));
}

TEST(FindElasticity, OfLargeKernels) {
  const Elasticity elasticity = FindElasticity(InvertedResiduals(7)).value();
  EXPECT_EQ(Count(elasticity, Kind::kKernel), 3);
  for (const ElasticDimension& each : elasticity.dimensions) {
    if (each.kind != Kind::kKernel) continue;
    EXPECT_THAT(each.values, ElementsAre(7, 5, 3));
  }
  EXPECT_EQ(Count(FindElasticity(InvertedResiduals(7), {.kernel = 9}).value(), Kind::kKernel), 0);
}

TEST(FindElasticity, WidthsAreMultiplesAndAsManyAsAskedFor) {
  const Elasticity elasticity =
      FindElasticity(InvertedResiduals(), {.multiple = 16, .least = 0.5, .widths = 3}).value();
  for (const ElasticDimension& each : elasticity.dimensions) {
    if (each.kind != Kind::kWidth) continue;
    EXPECT_LE(each.values.size(), 3u);
    for (const int64_t width : each.values) EXPECT_EQ(width % 16, 0);
  }
}

TEST(ExtractSubnet, TheLargestIsTheNetworkItself) {
  const Network network = CifarResNet(2);
  const Elasticity elasticity = FindElasticity(network).value();
  const Network largest = ExtractSubnet(network, elasticity, Largest(elasticity)).value();
  EXPECT_EQ(largest.nodes.size(), network.nodes.size());
  ASSERT_EQ(largest.initializers.size(), network.initializers.size());
  for (const auto& [name, tensor] : network.initializers) {
    const auto kept = largest.initializers.at(name).bytes();
    EXPECT_TRUE(std::ranges::equal(kept, tensor.bytes())) << name;
  }
}

TEST(ExtractSubnet, TheSmallestHasLeastOfEverything) {
  for (const Network& network : {CifarResNet(2), InvertedResiduals(), InvertedResiduals(5)}) {
    const Elasticity elasticity = FindElasticity(network).value();
    const Network smallest = ExtractSubnet(network, elasticity, elasticity.Smallest()).value();
    const Cost before = CostOf(network).value(), after = CostOf(smallest).value();
    EXPECT_LT(after.macs, before.macs / 4);
    EXPECT_LT(after.parameters, before.parameters / 2);
    EXPECT_EQ(InferShapes(smallest)->at(smallest.outputs[0].name).shape,
              InferShapes(network)->at(network.outputs[0].name).shape);
  }
}

TEST(ExtractSubnet, SharesItsWeightsWithTheNetwork) {
  for (const Network& network : {CifarResNet(2), InvertedResiduals(), InvertedResiduals(5)}) {
    const Elasticity elasticity = FindElasticity(network).value();
    ExpectShares(network, elasticity, Largest(elasticity));
    ExpectShares(network, elasticity, elasticity.Smallest());
    Random random(3);
    for (int draw = 0; draw < 20; ++draw) {
      std::vector<int> genes;
      for (const ElasticDimension& each : elasticity.dimensions)
        genes.push_back(static_cast<int>(random.Below(each.values.size())));
      ExpectShares(network, elasticity, genes);
    }
  }
}

TEST(ExtractSubnet, NarrowerOnesKeepChannelsOfWiderOnes) {
  const Network network = InvertedResiduals();
  const Elasticity elasticity = FindElasticity(network).value();
  size_t width = 0;
  while (elasticity.dimensions[width].values[0] != 96) ++width;
  std::vector<int64_t> before;
  for (int gene = static_cast<int>(elasticity.dimensions[width].values.size()) - 1; gene >= 0;
       --gene) {
    std::vector<int> genes = Largest(elasticity);
    genes[width] = gene;
    std::vector<int64_t> now;
    const auto elements = SharedElements(network, elasticity, genes).value();
    for (const auto& [name, of] : elements) now.insert(now.end(), of.begin(), of.end());
    std::sort(now.begin(), now.end());
    EXPECT_TRUE(std::includes(now.begin(), now.end(), before.begin(), before.end()));
    before = now;
  }
}

TEST(ExtractSubnet, RefusesOtherGenes) {
  const Network network = CifarResNet(1);
  const Elasticity elasticity = FindElasticity(network).value();
  EXPECT_THROW((void)ExtractSubnet(network, elasticity, {0}), std::logic_error);
  std::vector<int> genes = Largest(elasticity);
  genes[0] = 9;
  EXPECT_THROW((void)ExtractSubnet(network, elasticity, genes), std::logic_error);
}

}  // namespace
}  // namespace nacre
