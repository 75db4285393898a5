#include "cost/latency_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cost/chain.h"
#include "cost/probe.h"
#include "graph/builder.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

using cost_internal::BorderOf;
using cost_internal::FragmentProbe;
using ::testing::HasSubstr;

Network Part(int64_t in, int64_t size, int64_t out, int64_t stride = 1) {
  NetworkBuilder b("part", "x", {kDynamic, in, size, size}, Random(1));
  return std::move(b).Finish(b.Activation(b.Conv("x", {.out = out, .stride = stride}), "Relu"),
                             "y");
}

Network Head(int64_t in, int64_t size) {
  NetworkBuilder b("head", "x", {kDynamic, in, size, size}, Random(1));
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool("x")), 10), "y");
}

std::vector<Network> Whole() {
  return {Part(3, 32, 16), Part(16, 32, 16), Part(16, 32, 32, 2), Part(32, 16, 32), Head(32, 16)};
}

// A machine on which latency is a sum: 10 us, 1 a node, and 1 per 100 000 multiplications.
double Truth(const Network& network) {
  return 10 + static_cast<double>(network.nodes.size()) + CostOf(network).value().macs / 1e5;
}

// That machine, slower by 20 % each time it is asked.
struct DriftingMachine {
  int asked = 0;
  size_t networks = 0;
  std::vector<Expected<double>> operator()(const std::vector<Network>& probes) {
    std::vector<Expected<double>> result;
    for (const Network& probe : probes) result.push_back(Truth(probe) * std::pow(1.2, asked));
    ++asked;
    networks += probes.size();
    return result;
  }
};

TEST(LatencyTable, PredictsASumExactlyThroughDrift) {
  LatencyTable table;
  DriftingMachine machine;
  std::vector<double> heard;
  ASSERT_TRUE(Extend(table, Whole(), std::ref(machine), [&](double f) { heard.push_back(f); }));
  EXPECT_GE(machine.asked, 2);
  EXPECT_NEAR(PredictLatency(table, Whole()).value(), Truth(Chain(Whole())), 1e-6);
  EXPECT_NEAR(table.entries[StructuralHash(Part(16, 32, 16))], 2 + 16 * 9 * 16 * 1024 / 1e5, 1e-6);
  EXPECT_TRUE(std::is_sorted(heard.begin(), heard.end()));
  EXPECT_EQ(heard.back(), 1);
}

TEST(LatencyTable, TheLastPartMayHaveSeveralOutputs) {
  Network tail = Part(32, 16, 32);
  tail.outputs.push_back({.name = tail.nodes[0].outputs[0], .shape = {kDynamic, 32, 16, 16}});
  const std::vector<Network> whole = {Part(3, 32, 16), Part(16, 32, 32, 2), tail};
  EXPECT_EQ(Chain(whole).outputs.size(), 2U);
  EXPECT_TRUE(Verify(Chain(whole)));
  LatencyTable table;
  DriftingMachine machine;
  ASSERT_TRUE(Extend(table, whole, std::ref(machine)));
  EXPECT_NEAR(PredictLatency(table, whole).value(), Truth(Chain(whole)), 1e-6);
}

TEST(LatencyTable, MeasuresWhatItLacksOnly) {
  LatencyTable table;
  DriftingMachine machine;
  std::vector<Network> twice = Whole();
  for (const Network& part : Whole()) twice.push_back(part);
  ASSERT_TRUE(Extend(table, twice, std::ref(machine)));
  EXPECT_EQ(table.entries.size(), Whole().size());
  const size_t before = machine.networks;
  ASSERT_TRUE(Extend(table, Whole(), std::ref(machine)));
  EXPECT_EQ(machine.networks, before);
  // Later additions are on the scale of the first, though the machine is slower now.
  std::vector<Network> longer = Whole();
  longer.insert(longer.begin() + 4, Part(32, 16, 32));
  longer[3] = Part(32, 16, 48);
  longer[4] = Part(48, 16, 32);
  ASSERT_TRUE(Extend(table, longer, std::ref(machine)));
  EXPECT_NEAR(PredictLatency(table, longer).value(), Truth(Chain(longer)), 1e-6);
}

TEST(LatencyTable, NothingToDoCostsNothing) {
  Network nothing;
  nothing.inputs = {{"x", DataType::kFloat, {kDynamic, 16, 8, 8}}};
  nothing.outputs = {{"y", DataType::kFloat, {kDynamic, 16, 8, 8}}};
  nothing.nodes = {{.name = "n", .op = "Identity", .inputs = {"x"}, .outputs = {"y"}}};
  LatencyTable table;
  DriftingMachine machine;
  ASSERT_TRUE(Extend(table, {nothing}, std::ref(machine)));
  EXPECT_EQ(machine.asked, 0);
  EXPECT_EQ(table.entries.at(StructuralHash(nothing)), 0);
}

TEST(LatencyTable, WhatFailsHasNoEntry) {
  const Network bad = Part(16, 32, 24);
  const MeasureMany measure = [&](const std::vector<Network>& probes) {
    std::vector<Expected<double>> result;
    for (const Network& probe : probes) {
      const bool fails = CostOf(probe)->macs == CostOf(FragmentProbe(bad, *BorderOf(bad), 1))->macs;
      result.push_back(fails ? Expected<double>(Fail(ErrorKind::kTarget, "crashed"))
                             : Truth(probe));
    }
    return result;
  };
  LatencyTable table;
  std::vector<Network> fragments = Whole();
  fragments.push_back(bad);
  ASSERT_TRUE(Extend(table, fragments, measure));
  EXPECT_EQ(table.entries.size(), Whole().size());
  const auto predicted = PredictLatency(table, {Part(3, 32, 16), bad});
  ASSERT_FALSE(predicted);
  EXPECT_THAT(predicted.error().message, HasSubstr("part 1"));
}

TEST(LatencyTable, WithoutTheReferenceThereIsNoTable) {
  LatencyTable table;
  const auto result = Extend(table, Whole(), [](const std::vector<Network>& probes) {
    return std::vector<Expected<double>>(probes.size(), Fail(ErrorKind::kTarget, "no machine"));
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "no machine");
  Network two = Whole()[0];
  two.inputs.push_back({.name = "other", .shape = {kDynamic, 3, 32, 32}});
  EXPECT_EQ(Extend(table, {two}, DriftingMachine()).error().kind, ErrorKind::kModel);
}

TEST(LatencyTable, SurvivesJson) {
  LatencyTable table;
  ASSERT_TRUE(Extend(table, Whole(), DriftingMachine()));
  table.fingerprint = "abc";
  table.scale = 1.25;
  const auto again = LatencyTableFromJson(ToJson(table));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(ToJson(*again), ToJson(table));
  EXPECT_EQ(again->entries, table.entries);
  for (const char* text : {"", "{}", "[1]", "{\"fingerprint\":3}"})
    EXPECT_FALSE(LatencyTableFromJson(text));
}

TEST(Calibrate, FindsOverheadAndScale) {
  LatencyTable table;
  ASSERT_TRUE(Extend(table, Whole(), DriftingMachine()));
  const std::vector<std::vector<Network>> networks = {
      Whole(), {Part(3, 32, 16)}, {Part(3, 32, 16), Part(16, 32, 16)}};
  LatencyTable truth = table;
  truth.overhead = 30;
  truth.scale = 1.1;
  std::vector<double> measured;
  for (const auto& parts : networks) measured.push_back(PredictLatency(truth, parts).value());
  ASSERT_TRUE(Calibrate(table, networks, measured));
  EXPECT_NEAR(table.overhead, 30, 1e-6);
  EXPECT_NEAR(table.scale, 1.1, 1e-9);
}

TEST(Calibrate, SetsOnlyTheScaleFromOneNetwork) {
  LatencyTable table;
  ASSERT_TRUE(Extend(table, Whole(), DriftingMachine()));
  const double overhead = table.overhead;
  ASSERT_TRUE(Calibrate(table, {Whole()}, {200}));
  EXPECT_EQ(table.overhead, overhead);
  EXPECT_NEAR(PredictLatency(table, Whole()).value(), 200, 1e-9);
  EXPECT_FALSE(Calibrate(table, {Whole()}, {}));
  EXPECT_FALSE(Calibrate(table, {{Part(5, 7, 9)}}, {100}));
}

}  // namespace
}  // namespace nacre
