#include "target/measure.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <cmath>
#include <stdexcept>

#include "base/random.h"
#include "testing/fake_compiler.h"

namespace nacre {
namespace {

// Latencies as on a busy machine: log-normal, one in twenty ten times as long, and the whole
// machine drifting by 30 % within seconds.
class BusyMachine {
 public:
  explicit BusyMachine(uint64_t seed) : random_(seed) {}

  std::unique_ptr<FakeCompiledNetwork> Network(double microseconds) {
    return std::make_unique<FakeCompiledNetwork>(clock, [this, microseconds] {
      const double drift = 1.15 + 0.15 * std::sin(clock.Now().count());
      const double outlier = random_.Below(20) == 0 ? 10 : 1;
      return Latency(microseconds * drift * outlier * std::exp(0.05 * random_.Normal()));
    });
  }

  FakeClock clock;

 private:
  Random random_;
};

MeasureOptions Options(const Clock& clock) {
  return {.warm_up = Seconds(0.002), .slice = Seconds(0.004), .clock = &clock};
}

TEST(Measure, SumsUpRounds) {
  FakeClock clock;
  int call = 0;
  FakeCompiledNetwork network(clock, [&] { return Latency(call++ % 10 == 9 ? 500 : 100); });
  std::vector<CompiledNetwork*> networks = {&network};
  const auto result = MeasureInterleaved(
      networks,
      {.warm_up = Seconds(0.00135), .rounds = 7, .slice = Seconds(0.00275), .clock = &clock});
  ASSERT_EQ(result.size(), 1u);
  EXPECT_NEAR(result[0].median.count(), 100, 1e-6);
  EXPECT_NEAR(result[0].low.count(), 100, 1e-6);
  EXPECT_EQ(result[0].samples, 7 * 20);
  EXPECT_EQ(network.runs(), 10 + result[0].samples);
}

TEST(Measure, RunsASlowNetworkOnceASlice) {
  FakeClock clock;
  FakeCompiledNetwork network(clock, [] { return Latency(1e6); });
  std::vector<CompiledNetwork*> networks = {&network};
  const auto result = MeasureInterleaved(networks, {.rounds = 3, .clock = &clock});
  EXPECT_EQ(network.runs(), 1 + 3);
  EXPECT_NEAR(result[0].p90.count(), 1e6, 1);
}

// A machine that takes the core away in every third inference, for a long time.
TEST(Measure, DropsInferencesThatWereInterrupted) {
  FakeClock clock;
  int64_t calls = 0, interruptions = 0;
  FakeCompiledNetwork network(clock, [&] {
    if (calls++ % 3 != 0) return Latency(100);
    ++interruptions;
    return Latency(3000);
  });
  std::vector<CompiledNetwork*> networks = {&network};
  MeasureOptions options{.rounds = 5, .slice = Seconds(0.002), .clock = &clock};
  const Measurement fooled = MeasureInterleaved(networks, options)[0];
  EXPECT_GT(fooled.p90.count(), 1000);
  options.interruptions = [&] { return interruptions; };
  const Measurement result = MeasureInterleaved(networks, options)[0];
  EXPECT_NEAR(result.median.count(), 100, 1e-6);
  EXPECT_NEAR(result.p90.count(), 100, 1e-6);
}

TEST(Measure, KeepsInterruptedInferencesWhenThereIsNothingElse) {
  FakeClock clock;
  int64_t interruptions = 0;
  FakeCompiledNetwork network(clock, [&] {
    ++interruptions;
    return Latency(60000);
  });
  std::vector<CompiledNetwork*> networks = {&network};
  const auto result = MeasureInterleaved(
      networks, {.rounds = 3, .slice = Seconds(0.01), .clock = &clock, .interruptions = [&] {
                   return interruptions;
                 }});
  EXPECT_NEAR(result[0].median.count(), 60000, 1e-3);
  EXPECT_EQ(result[0].samples, 3 * 4);  // 20 slices by the clock each round
}

TEST(PairedMicroseconds, TakesTheRatioToTheFirst) {
  ChildMeasurement first{.measurement = {.median = Latency(100)}, .over_first = {.median = 1}};
  ChildMeasurement second{.measurement = {.median = Latency(70)}, .over_first = {.median = 2}};
  const auto all = PairedMicroseconds({first, second, Fail(ErrorKind::kTarget, "crashed")});
  EXPECT_EQ(all[0].value(), 100);
  EXPECT_EQ(all[1].value(), 50);
  EXPECT_FALSE(all[2]);
  second.over_first.median = 0;
  EXPECT_EQ(PairedMicroseconds({Fail(ErrorKind::kTarget, "crashed"), second})[1].value(), 70);
  EXPECT_TRUE(PairedMicroseconds({}).empty());
}

TEST(Measure, OfNothingIsNothingAndNoRoundsAreABrokenContract) {
  EXPECT_TRUE(MeasureInterleaved({}, {}).empty());
  EXPECT_THROW(MeasureInterleaved({}, {.rounds = 0}), std::logic_error);
}

TEST(Measure, RestoresTheAffinity) {
  cpu_set_t before, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  FakeClock clock;
  int cores_while_measuring = 0;
  FakeCompiledNetwork network(clock, [&] {
    cpu_set_t set;
    sched_getaffinity(0, sizeof set, &set);
    cores_while_measuring = CPU_COUNT(&set);
    return Latency(1000);
  });
  std::vector<CompiledNetwork*> networks = {&network};
  MeasureInterleaved(networks, Options(clock));
  EXPECT_EQ(cores_while_measuring, 1);
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));

  MeasureOptions two = Options(clock);
  two.threads = 2;
  MeasureInterleaved(networks, two);
  EXPECT_EQ(cores_while_measuring, CPU_COUNT(&before));
}

TEST(Compare, OrderVariesFromRoundToRound) {
  FakeClock clock;
  std::string order;
  FakeCompiledNetwork a(clock, [&] { return order += 'a', Latency(1e5); });
  FakeCompiledNetwork b(clock, [&] { return order += 'b', Latency(1e5); });
  std::vector<CompiledNetwork*> networks = {&a, &b};
  CompareInterleaved(networks, {.rounds = 12, .clock = &clock});
  ASSERT_EQ(order.size(), 26u);
  int a_first = 0;
  for (int round = 0; round < 12; ++round) {
    EXPECT_NE(order[2 + 2 * round], order[3 + 2 * round]);
    a_first += order[2 + 2 * round] == 'a';
  }
  EXPECT_GT(a_first, 1);
  EXPECT_LT(a_first, 11);
}

TEST(Compare, EqualNetworksRarelyDiffer) {
  int left_out = 0, differ = 0;
  for (int trial = 0; trial < 200; ++trial) {
    BusyMachine machine(trial);
    const auto a = machine.Network(100), b = machine.Network(100);
    std::vector<CompiledNetwork*> networks = {a.get(), b.get()};
    const Comparison comparison = CompareInterleaved(networks, Options(machine.clock));
    EXPECT_FALSE(comparison.over_first[0].differs());
    const Ratio& ratio = comparison.over_first[1];
    left_out += ratio.low > 1 || ratio.high < 1;
    differ += ratio.differs();
    EXPECT_NEAR(comparison.over_first[1].median, 1, 0.05);
  }
  EXPECT_LE(left_out, 12);  // 3.5 % expected of the interval
  EXPECT_LE(differ, left_out);
}

TEST(Compare, FourPercentAreSeenThroughNoiseAndDrift) {
  int seen = 0;
  for (int trial = 0; trial < 50; ++trial) {
    BusyMachine machine(trial);
    const auto slow = machine.Network(104), fast = machine.Network(100);
    std::vector<CompiledNetwork*> networks = {slow.get(), fast.get()};
    const Ratio ratio = CompareInterleaved(networks, Options(machine.clock)).over_first[1];
    seen += ratio.low > 1;
    EXPECT_LE(ratio.low, ratio.median);
    EXPECT_LE(ratio.median, ratio.high);
  }
  EXPECT_GE(seen, 48);
}

}  // namespace
}  // namespace nacre
