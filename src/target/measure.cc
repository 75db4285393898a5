#include "target/measure.h"

#include <sched.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "base/random.h"
#include "target/statistics.h"

namespace nacre {
namespace {

// Keeps the calling thread on the core it is on, for as long as this lives. Best effort: a sandbox may forbid it.
class PinnedToCore {
 public:
  explicit PinnedToCore(bool wanted) {
    const int core = sched_getcpu();
    if (!wanted || core < 0 || sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    pinned_ = sched_setaffinity(0, sizeof one, &one) == 0;
  }
  ~PinnedToCore() {
    if (pinned_) sched_setaffinity(0, sizeof before_, &before_);
  }
  PinnedToCore(const PinnedToCore&) = delete;
  PinnedToCore& operator=(const PinnedToCore&) = delete;

 private:
  cpu_set_t before_;
  bool pinned_ = false;
};

struct Rounds {
  std::vector<double> medians, p90s;  // microseconds, one a round
  int64_t samples = 0;
};

// Latencies of single inferences, microseconds, until `slice` has passed.
std::vector<double> RunSlice(CompiledNetwork& network, Seconds slice, const Clock& clock) {
  std::vector<double> samples;
  const Seconds start = clock.Now();
  for (Seconds before = start; samples.empty() || before - start < slice;) {
    network.RunOnce();
    const Seconds after = clock.Now();
    samples.push_back(Latency(after - before).count());
    before = after;
  }
  return samples;
}

std::vector<Rounds> RunRounds(std::span<CompiledNetwork* const> networks,
                              const MeasureOptions& options) {
  if (options.rounds < 1) throw std::logic_error("MeasureOptions: at least one round");
  const Clock& clock = options.clock ? *options.clock : SteadyClock();
  const PinnedToCore pinned(options.threads == 1);
  for (CompiledNetwork* network : networks) RunSlice(*network, options.warm_up, clock);

  std::vector<Rounds> result(networks.size());
  std::vector<size_t> order(networks.size());
  std::iota(order.begin(), order.end(), size_t{0});
  Random random(0);  // the order has to vary, not to surprise
  for (int round = 0; round < options.rounds; ++round) {
    random.Shuffle(order);
    for (const size_t i : order) {
      const std::vector<double> samples = RunSlice(*networks[i], options.slice, clock);
      result[i].medians.push_back(Median(samples));
      result[i].p90s.push_back(Quantile(samples, 0.9));
      result[i].samples += static_cast<int64_t>(samples.size());
    }
  }
  return result;
}

Measurement Summary(const Rounds& rounds) {
  const Interval interval = MedianInterval(rounds.medians);
  return {Latency(Median(rounds.medians)), Latency(Median(rounds.p90s)), Latency(interval.low),
          Latency(interval.high), rounds.samples};
}

Ratio PairedRatio(const Rounds& baseline, const Rounds& candidate) {
  std::vector<double> ratios(baseline.medians.size());
  std::transform(baseline.medians.begin(), baseline.medians.end(), candidate.medians.begin(),
                 ratios.begin(), [](double a, double b) { return b > 0 ? a / b : 1; });
  const Interval interval = MedianInterval(ratios);
  return {Median(ratios), interval.low, interval.high};
}

}  // namespace

std::vector<Measurement> MeasureInterleaved(std::span<CompiledNetwork* const> networks,
                                            const MeasureOptions& options) {
  return CompareInterleaved(networks, options).networks;
}

Comparison CompareInterleaved(std::span<CompiledNetwork* const> networks,
                              const MeasureOptions& options) {
  Comparison comparison;
  const std::vector<Rounds> rounds = RunRounds(networks, options);
  for (const Rounds& own : rounds) {
    comparison.networks.push_back(Summary(own));
    comparison.over_first.push_back(PairedRatio(rounds[0], own));
  }
  return comparison;
}

}  // namespace nacre
