#include "graph/footprint.h"

#include <gtest/gtest.h>

#include "graph/builder.h"

namespace nacre {
namespace {

// Elements of 8 channels of 4 x 4 pixels.
constexpr int64_t kMap = 8 * 16;

int64_t Activations(NetworkBuilder b, const std::string& output, int64_t batch = 1) {
  const auto footprint = FootprintOf(std::move(b).Finish(output, "y"), batch);
  EXPECT_TRUE(footprint) << footprint.error().message;
  return footprint ? footprint->activations : -1;
}

TEST(Footprint, OfAConvolutionIsItsInputOutputAndWeights) {
  NetworkBuilder b("n", "x", {1, 3, 4, 4}, Random(1));
  const std::string y = b.Conv("x", {.out = 8});
  const auto footprint = FootprintOf(std::move(b).Finish(y, "y"));
  ASSERT_TRUE(footprint);
  EXPECT_EQ(footprint->weights, 8 * 3 * 9 + 8);
  EXPECT_EQ(footprint->activations, 3 * 16 + kMap);
}

TEST(Footprint, GrowsWithTheBatch) {
  NetworkBuilder b("n", "x", {1, 8, 4, 4}, Random(1));
  const std::string y = b.Conv("x", {.out = 8});
  EXPECT_EQ(Activations(std::move(b), y, 4), 4 * 2 * kMap);
}

TEST(Footprint, ElementwiseOperationsWorkInPlace) {
  NetworkBuilder b("n", "x", {1, 8, 4, 4}, Random(1));
  const std::string y = b.Activation(b.Conv("x", {.out = 8}), "Relu");
  EXPECT_EQ(Activations(std::move(b), y), 2 * kMap);
}

TEST(Footprint, ASkipKeepsItsValueAlive) {
  NetworkBuilder b("n", "x", {1, 8, 4, 4}, Random(1));
  const std::string inner = b.Conv(b.Conv("x", {.out = 8}), {.out = 8});
  const std::string y = b.Add(inner, "x");
  EXPECT_EQ(Activations(std::move(b), y), 3 * kMap);
}

TEST(Footprint, ActivationsThatSomebodyElseReadsAreNotOverwritten) {
  NetworkBuilder b("n", "x", {1, 8, 4, 4}, Random(1));
  const std::string a = b.Conv("x", {.out = 8});
  const std::string y = b.Add(b.Activation(a, "Relu"), a);
  EXPECT_EQ(Activations(std::move(b), y), 2 * kMap);
}

TEST(Footprint, OfWhatDoesNotFitIsAnError) {
  Network network;
  network.inputs = {{"x", DataType::kFloat, {1, 3, 4, 4}}};
  network.outputs = {{"y", DataType::kFloat, {}}};
  network.initializers["w"] = Tensor::Floats({8, 5, 3, 3}, std::vector<float>(8 * 5 * 9));
  network.nodes.push_back({.name = "conv", .op = "Conv", .inputs = {"x", "w"}, .outputs = {"y"}});
  const auto footprint = FootprintOf(network);
  ASSERT_FALSE(footprint);
  EXPECT_EQ(footprint.error().kind, ErrorKind::kModel);
}

}  // namespace
}  // namespace nacre
