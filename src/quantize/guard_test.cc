#include "quantize/guard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

namespace nacre {
namespace {

// A made-up network whose layers cost accuracy when quantised and time when not. A quantised
// network carries the layers left in float as its nodes.
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
  GuardCallbacks Callbacks() {
    GuardCallbacks callbacks;
    callbacks.quantize = [this](const std::vector<std::string>& kept) -> Expected<Network> {
      ++quantized;
      Network network;
      for (const std::string& name : kept) network.nodes.push_back({.name = name});
      return network;
    };
    callbacks.quantize_quickly = callbacks.quantize;
    callbacks.divergence = [this](const Network& network) -> Expected<double> {
      return Loss(network);
    };
    callbacks.accuracy = [this](const Network& network) -> Expected<double> {
      ++evaluated;
      return 0.9 - Loss(network);
    };
    callbacks.latency = [this](const std::vector<Network>& networks) {
      std::vector<Expected<double>> all;
      for (const Network& network : networks) {
        double sum = 100;
        for (const Node& node : network.nodes) sum += price.at(node.name);
        all.push_back(sum);
      }
      return all;
    };
    return callbacks;
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
  const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9}, world.Callbacks());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->reached);
  EXPECT_TRUE(result->kept_float.empty());
  EXPECT_EQ(result->evaluations, 1);
  EXPECT_EQ(world.quantized, 1);
}

TEST(Guard, ReturnsTheOneLayerThatDoesIt) {
  World world = TwentyLayers();
  world.harm["conv107"] = 0.05;
  const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9}, world.Callbacks());
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
  const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9, .acceptable_loss = 0.0115},
                                      world.Callbacks());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->kept_float, std::vector<std::string>{"conv105"});
}

TEST(Guard, TakesAsFewAsItNeedsInFewEvaluations) {
  for (int bad = 1; bad <= 12; ++bad) {
    World world = TwentyLayers();
    for (int i = 0; i < bad; ++i) world.harm["conv" + std::to_string(100 + i)] = 0.01 + 1e-4 * i;
    const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9}, world.Callbacks());
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
      QuantizeGuarded(world.Layers(), {.reference = 0.9, .most_layers = 5}, world.Callbacks());
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->reached);
  EXPECT_EQ(result->kept_float.size(), 5u);
  EXPECT_NEAR(result->accuracy, 0.9 - 0.15, 1e-9);
}

TEST(Guard, SurvivesLayersThatCannotBeJudgedAndAMachineThatCannotMeasure) {
  World world = TwentyLayers();
  world.harm["conv107"] = 0.05;
  GuardCallbacks callbacks = world.Callbacks();
  callbacks.latency = [](const std::vector<Network>& networks) {
    return std::vector<Expected<double>>(networks.size(), Fail(ErrorKind::kTarget, "busy"));
  };
  const auto whole = callbacks.quantize;
  callbacks.quantize_quickly = [whole](const std::vector<std::string>& kept) -> Expected<Network> {
    const bool hides =
        std::find(kept.begin(), kept.end(), "conv103") == kept.end() && kept.size() > 12;
    if (hides) return Fail(ErrorKind::kModel, "no");
    return whole(kept);
  };
  const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9}, callbacks);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->reached);
  EXPECT_EQ(result->kept_float, std::vector<std::string>{"conv107"});
}

TEST(Guard, TheFirstEvaluationMustSucceed) {
  World world = TwentyLayers();
  GuardCallbacks callbacks = world.Callbacks();
  callbacks.accuracy = [](const Network&) -> Expected<double> {
    return Fail(ErrorKind::kTarget, "gone");
  };
  const auto result = QuantizeGuarded(world.Layers(), {}, callbacks);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "gone");
}

// The last layers of those that may go back are needed: bisection must not stop before them.
TEST(Guard, ReachesWithExactlyAsManyLayersAsMayGoBack) {
  World world = TwentyLayers();
  for (int i = 0; i < 5; ++i) world.harm["conv" + std::to_string(100 + i)] = 0.01;
  const auto result =
      QuantizeGuarded(world.Layers(), {.reference = 0.9, .most_layers = 5}, world.Callbacks());
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->reached);
  EXPECT_EQ(result->kept_float.size(), 5u);
  EXPECT_LE(result->evaluations, 6);  // none, 1, 2, 4, 5
}

TEST(Guard, MayBeForbiddenToMoveAnyLayer) {
  World world = TwentyLayers();
  world.harm["conv107"] = 0.05;
  const auto result =
      QuantizeGuarded(world.Layers(), {.reference = 0.9, .most_layers = 0}, world.Callbacks());
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->reached);
  EXPECT_TRUE(result->kept_float.empty());
  EXPECT_EQ(result->evaluations, 1);
}

TEST(Guard, ReturnsANetworkWithoutLayersAsItIs) {
  World world;
  GuardCallbacks callbacks = world.Callbacks();
  callbacks.accuracy = [](const Network&) -> Expected<double> { return 0.5; };
  const auto result = QuantizeGuarded({}, {.reference = 0.9}, callbacks);
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->reached);
  EXPECT_EQ(result->accuracy, 0.5);
  EXPECT_EQ(result->evaluations, 1);
}

TEST(Guard, ALossOfExactlyWhatIsAcceptableIsAccepted) {
  World world = TwentyLayers();
  GuardCallbacks callbacks = world.Callbacks();
  callbacks.accuracy = [](const Network&) -> Expected<double> { return 0.75; };
  const auto result =
      QuantizeGuarded(world.Layers(), {.reference = 1, .acceptable_loss = 0.25}, callbacks);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->reached);
  EXPECT_TRUE(result->kept_float.empty());
}

TEST(Guard, PassesAFailureOfALaterEvaluationOn) {
  World world = TwentyLayers();
  world.harm["conv107"] = 0.05;
  GuardCallbacks callbacks = world.Callbacks();
  const auto whole = callbacks.quantize;
  callbacks.quantize = [whole](const std::vector<std::string>& kept) -> Expected<Network> {
    if (!kept.empty()) return Fail(ErrorKind::kTarget, "gone");
    return whole(kept);
  };
  const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9}, callbacks);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "gone");
}

// Nothing can be judged, so that nothing can go back: the quantised network is what there is.
TEST(Guard, GivesTheQuantisedNetworkWhenNoLayerCanBeJudged) {
  World world = TwentyLayers();
  world.harm["conv107"] = 0.05;
  GuardCallbacks callbacks = world.Callbacks();
  callbacks.divergence = [](const Network&) -> Expected<double> {
    return Fail(ErrorKind::kTarget, "gone");
  };
  const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9}, callbacks);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_FALSE(result->reached);
  EXPECT_TRUE(result->kept_float.empty());
  EXPECT_EQ(result->evaluations, 1);
}

// A layer that is no slower in float, or by noise even faster, has the least price, not a negative
// one that would turn the order around.
TEST(Guard, ALayerThatCostsNothingInFloatGoesFirst) {
  World world = TwentyLayers();
  world.harm["conv103"] = 0.010;
  world.harm["conv105"] = 0.009;
  world.price["conv105"] = -3;
  const auto result = QuantizeGuarded(world.Layers(), {.reference = 0.9, .acceptable_loss = 0.0115},
                                      world.Callbacks());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->kept_float, std::vector<std::string>{"conv105"});
}

// Asked so often whether there is time, there is none any more.
std::function<bool()> TimeFor(int questions) {
  return [left = questions]() mutable { return left-- > 0; };
}

TEST(Guard, WithoutTimeTheQuantisedNetworkMustDo) {
  World world = TwentyLayers();
  world.harm["conv105"] = 0.1;
  const GuardOptions options{.reference = 0.9, .more_time = TimeFor(0)};
  const auto result = QuantizeGuarded(world.Layers(), options, world.Callbacks());
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->reached);
  EXPECT_TRUE(result->kept_float.empty());
  EXPECT_EQ(result->evaluations, 1);
}

TEST(Guard, WhatWasJudgedInTimeCounts) {
  World world = TwentyLayers();
  world.harm["conv101"] = 0.1;  // the second: it is judged in time
  const GuardOptions options{.reference = 0.9, .more_time = TimeFor(5)};
  const auto result = QuantizeGuarded(world.Layers(), options, world.Callbacks());
  ASSERT_TRUE(result);
  const World judged = TwentyLayers();
  EXPECT_LE(result->evaluations, 3);
  EXPECT_LT(world.quantized, static_cast<int>(judged.harm.size()))
      << "not all of the layers were judged";
}

TEST(Guard, AFewQuestionsMoreAndTheLayerGoesBack) {
  World world = TwentyLayers();
  world.harm["conv101"] = 0.1;
  const GuardOptions options{.reference = 0.9, .more_time = TimeFor(1000)};
  const auto result = QuantizeGuarded(world.Layers(), options, world.Callbacks());
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->reached);
  EXPECT_EQ(result->kept_float, std::vector<std::string>{"conv101"});
}

TEST(QuantizedLayers, NamesLayersAndThoseWithoutNameByTheirOutput) {
  Network network;
  network.inputs = {{"x", DataType::kFloat, {kDynamic, 2}}};
  network.initializers["w"] = Tensor::Floats({2, 2}, {1, 2, 3, 4});
  network.nodes = {{.name = "named", .op = "Gemm", .inputs = {"x", "w"}, .outputs = {"h"}},
                   {.op = "Relu", .inputs = {"h"}, .outputs = {"r"}},
                   {.op = "MatMul", .inputs = {"r", "w"}, .outputs = {"y"}}};
  network.outputs = {{"y", DataType::kFloat, {}}};
  EXPECT_EQ(QuantizedLayers(network, {}), (std::vector<std::string>{"named", "y"}));
  EXPECT_EQ(QuantizedLayers(network, {.keep_float = {"y"}}), std::vector<std::string>{"named"});
}

}  // namespace
}  // namespace nacre
