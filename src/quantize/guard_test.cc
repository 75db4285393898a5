#include "quantize/guard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace nacre {
namespace {

// A made-up network whose layers cost accuracy when quantised and time when not. The network that
// "quantize" makes carries the layers left in float as its nodes.
struct World {
  std::map<std::string, double> harm, price;
  int quantized = 0, evaluated = 0;

  std::vector<std::string> Layers() const {
    std::vector<std::string> names;
    for (const auto& [name, each] : harm) names.push_back(name);
    return names;
  }
  double Loss(const Network& network) const {
    double loss = 0;
    for (const auto& [name, each] : harm) {
      const bool kept = std::any_of(network.nodes.begin(), network.nodes.end(),
                                    [&](const Node& n) { return n.name == name; });
      if (!kept) loss += each;
    }
    return loss;
  }
  GuardMeans Means() {
    GuardMeans means;
    means.quantize = [this](const std::vector<std::string>& kept) -> Expected<Network> {
      ++quantized;
      Network network;
      for (const std::string& name : kept) network.nodes.push_back({.name = name});
      return network;
    };
    means.sketch = means.quantize;
    means.divergence = [this](const Network& network) -> Expected<double> { return Loss(network); };
    means.accuracy = [this](const Network& network) -> Expected<double> {
      ++evaluated;
      return 0.9 - Loss(network);
    };
    means.latency = [this](const std::vector<Network>& networks) {
      std::vector<Expected<double>> all;
      for (const Network& network : networks) {
        double sum = 100;
        for (const Node& node : network.nodes) sum += price.at(node.name);
        all.push_back(sum);
      }
      return all;
    };
    return means;
  }
};

World TwentyLayers() {
  World world;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "conv" + std::to_string(100 + i);
    world.harm[name] = 1e-5;
    world.price[name] = 5;
  }
  return world;
}

TEST(Guard, LeavesAGoodNetworkAlone) {
  World world = TwentyLayers();
  const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9}, world.Means());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->reached);
  EXPECT_TRUE(result->kept_float.empty());
  EXPECT_EQ(result->evaluations, 1);
  EXPECT_EQ(world.quantized, 1);
}

TEST(Guard, ReturnsTheOneLayerThatDoesIt) {
  World world = TwentyLayers();
  world.harm["conv107"] = 0.05;
  const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9}, world.Means());
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->reached);
  EXPECT_EQ(result->kept_float, std::vector<std::string>{"conv107"});
  EXPECT_EQ(result->evaluations, world.evaluated);
}

TEST(Guard, PrefersWhatIsCheapForItsHarm) {
  World world = TwentyLayers();
  world.harm["conv103"] = 0.010;
  world.price["conv103"] = 40;
  world.harm["conv105"] = 0.009;
  world.price["conv105"] = 1;
  const auto result =
      QuantizeGuarded(world.Layers(), {.reference = 0.9, .acceptable_loss = 0.0115}, world.Means());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->kept_float, std::vector<std::string>{"conv105"});
}

TEST(Guard, TakesAsFewAsItNeedsInFewEvaluations) {
  for (int bad = 1; bad <= 12; ++bad) {
    World world = TwentyLayers();
    for (int i = 0; i < bad; ++i) world.harm["conv" + std::to_string(100 + i)] = 0.01 + 1e-4 * i;
    const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9}, world.Means());
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->reached) << bad;
    EXPECT_EQ(result->kept_float.size(), static_cast<size_t>(bad));
    EXPECT_LE(result->evaluations, 10);
  }
}

TEST(Guard, GivesTheBestWhenNothingReaches) {
  World world = TwentyLayers();
  for (auto& [name, harm] : world.harm) harm = 0.01;
  const auto result =
      QuantizeGuarded(world.Layers(), {.reference = 0.9, .most_layers = 5}, world.Means());
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->reached);
  EXPECT_EQ(result->kept_float.size(), 5u);
  EXPECT_NEAR(result->accuracy, 0.9 - 0.15, 1e-9);
}

TEST(Guard, SurvivesLayersThatCannotBeJudgedAndAMachineThatCannotMeasure) {
  World world = TwentyLayers();
  world.harm["conv107"] = 0.05;
  GuardMeans means = world.Means();
  means.latency = [](const std::vector<Network>& networks) {
    return std::vector<Expected<double>>(networks.size(), Fail(ErrorKind::kTarget, "busy"));
  };
  const auto whole = means.quantize;
  means.sketch = [whole](const std::vector<std::string>& kept) -> Expected<Network> {
    const bool hides =
        std::find(kept.begin(), kept.end(), "conv103") == kept.end() && kept.size() > 12;
    if (hides) return Fail(ErrorKind::kModel, "no");
    return whole(kept);
  };
  const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9}, means);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->reached);
  EXPECT_EQ(result->kept_float, std::vector<std::string>{"conv107"});
}

TEST(Guard, TheFirstEvaluationMustSucceed) {
  World world = TwentyLayers();
  GuardMeans means = world.Means();
  means.accuracy = [](const Network&) -> Expected<double> {
    return Fail(ErrorKind::kTarget, "gone");
  };
  const auto result = QuantizeGuarded(world.Layers(), {}, means);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "gone");
}

}  // namespace
}  // namespace nacre
