#include "graph/builder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "graph/shapes.h"

namespace nacre {
namespace {

TEST(NetworkBuilderTest, ItsShapesAreThoseOfTheRules) {
  NetworkBuilder builder("b", "image", {kDynamic, 3, 33, 32}, Random(1));
  std::vector<std::pair<std::string, int64_t>> channels;
  const auto note = [&](const std::string& value) {
    channels.emplace_back(value, builder.Channels(value));
    return value;
  };
  std::string x = note(builder.ConvBn("image", {.out = 16, .stride = 2}, "HardSwish"));
  x = note(builder.Conv(x, {.out = 16, .kernel = 5, .groups = 4, .padding = 1}));
  x = note(builder.Activation(x, "Silu"));
  x = note(builder.MaxPool(x, 3, 2, 1));
  x = note(builder.AveragePool(x, 2, 2));
  x = note(builder.Activation(builder.Add(x, x), "LeakyRelu"));
  const std::string flat = note(builder.Flatten(x));
  const Network network = std::move(builder).Finish(builder.Linear(flat, 7), "out");
  const auto shapes = InferShapes(network, 2);
  ASSERT_TRUE(shapes) << shapes.error().message;
  for (const auto& [value, width] : channels) EXPECT_EQ(shapes->at(value).shape[1], width) << value;
  EXPECT_EQ(shapes->at("out").shape, (Shape{2, 7}));
  EXPECT_EQ(network.outputs[0].shape, (Shape{kDynamic, 7}));
}

TEST(NetworkBuilderTest, FreshWeightsAreHeNormalAndSeeded) {
  const auto make = [](uint64_t seed) {
    NetworkBuilder builder("b", "x", {1, 64, 8, 8}, Random(seed));
    return std::move(builder).Finish(builder.Conv("x", {.out = 64}), "y");
  };
  const Network network = make(1), same = make(1), other = make(2);
  const std::string weight = network.nodes[0].inputs[1];
  double sum = 0, squares = 0;
  const auto values = network.Initializer(weight)->floats();
  for (float value : values) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const double count = static_cast<double>(values.size());
  EXPECT_NEAR(sum / count, 0, 0.002);
  EXPECT_NEAR(squares / count, 2.0 / (64 * 9), 0.0001);
  EXPECT_EQ(*network.Initializer(weight), *same.Initializer(weight));
  EXPECT_FALSE(*network.Initializer(weight) == *other.Initializer(weight));
}

TEST(NetworkBuilderTest, NamesBeginWithTheNetworksName) {
  NetworkBuilder builder("span3", "x", {1, 4, 8, 8}, Random(1));
  const Network network = std::move(builder).Finish(builder.ConvBn("x", {.out = 4}), "y");
  for (const auto& [name, tensor] : network.initializers) EXPECT_TRUE(name.starts_with("span3/"));
  EXPECT_EQ(network.initializers.size(), 5u);
  for (const Node& node : network.nodes) EXPECT_TRUE(node.name.starts_with("span3/"));
}

TEST(NetworkBuilderTest, AnEmptyNetworkIsAnIdentity) {
  NetworkBuilder builder("nothing", "x", {1, 4, 8, 8}, Random(1));
  const Network network = std::move(builder).Finish("x", "y");
  ASSERT_EQ(network.nodes.size(), 1u);
  EXPECT_EQ(network.nodes[0].op, "Identity");
}

TEST(NetworkBuilderTest, RefusesWhatDoesNotFit) {
  NetworkBuilder builder("b", "x", {1, 6, 8, 8}, Random(1));
  EXPECT_THROW(builder.Conv("x", {.out = 8, .groups = 4}), std::logic_error);
  EXPECT_THROW(builder.Conv("nothing", {.out = 8}), std::logic_error);
  EXPECT_THROW(builder.Conv("x", {.out = 8}, Tensor::Floats({1}, {0}), Tensor()), std::logic_error);
  EXPECT_THROW(builder.Add("x", builder.Conv("x", {.out = 8})), std::logic_error);
  EXPECT_THROW(builder.Activation("x", "Swoosh"), std::logic_error);
  EXPECT_THROW(builder.Linear("x", 3), std::logic_error);
  EXPECT_THROW(builder.MaxPool("x", 9, 1), std::logic_error);
}

}  // namespace
}  // namespace nacre
