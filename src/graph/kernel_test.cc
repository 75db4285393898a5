#include "graph/kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

using ::testing::ElementsAre;

// One convolution of one channel, and its number among the nodes.
struct OneConv {
  Network network;
  size_t node = 0;
};
OneConv Conv(int64_t kernel, int64_t stride = 1) {
  NetworkBuilder builder("net", "image", {kDynamic, 1, 8, 8}, Random(1));
  const std::string x = builder.ConvBn("image", {.out = 1, .kernel = kernel, .stride = stride}, "");
  OneConv one{std::move(builder).Finish(x, "out")};
  while (one.network.nodes[one.node].op != "Conv") ++one.node;
  return one;
}

TEST(CropKernel, KeepsTheCentreAndTheSizeOfTheOutput) {
  auto [network, node] = Conv(5, 2);
  const std::string before = network.nodes[node].inputs[1];
  std::vector<float> weights(25);
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i);
  network.initializers[before] = Tensor::Floats({1, 1, 5, 5}, weights);
  const Shape shape = InferShapes(network)->at("out").shape;
  EXPECT_EQ(SquareKernel(network, network.nodes[node]), 5);
  ASSERT_TRUE(CropKernel(network, node, 3));
  EXPECT_EQ(SquareKernel(network, network.nodes[node]), 3);
  EXPECT_THAT(network.initializers.at(network.nodes[node].inputs[1]).ToFloats(),
              ElementsAre(6, 7, 8, 11, 12, 13, 16, 17, 18));
  EXPECT_EQ(InferShapes(network)->at("out").shape, shape);
  EXPECT_EQ(network.initializers.count(before), 1u);
}

TEST(CropKernel, LeavesOthersAlone) {
  auto [network, node] = Conv(3);
  EXPECT_FALSE(CropKernel(network, node, 3));
  network.nodes[node].attributes["dilations"] = std::vector<int64_t>{2, 2};
  EXPECT_EQ(SquareKernel(network, network.nodes[node]), 0);
  EXPECT_FALSE(CropKernel(network, node, 1));
}

}  // namespace
}  // namespace nacre
