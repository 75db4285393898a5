#include "target/measure.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "base/random.h"
#include "target/statistics.h"

namespace nacre {
namespace {

// Keeps the calling thread on its current core for as long as this object lives. Best effort: a
// sandbox may forbid it.
class CorePin {
 public:
  explicit CorePin(bool wanted) {
    const int core = sched_getcpu();
    if (!wanted || core < 0 || sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    pinned_ = sched_setaffinity(0, sizeof one, &one) == 0;
  }
  ~CorePin() {
    if (pinned_) sched_setaffinity(0, sizeof before_, &before_);
  }
  CorePin(const CorePin&) = delete;
  CorePin& operator=(const CorePin&) = delete;

 private:
  cpu_set_t before_;
  bool pinned_ = false;
};

struct Rounds {
  std::vector<double> medians, p90s;  // microseconds, one a round
  int64_t samples = 0;
};

int64_t CountInvoluntarySwitches() {
  rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
}

class Stopwatch {
 public:
  explicit Stopwatch(const MeasureOptions& options)
      : clock_(options.clock ? *options.clock : SteadyClock()),
        interruptions_(options.interruptions) {
    if (interruptions_) return;
    if (options.clock)
      interruptions_ = [] { return int64_t{0}; };
    else
      interruptions_ = CountInvoluntarySwitches;
  }

  // Latencies of single inferences, microseconds, without those in which the thread lost its core;
  // with only those when there are no others.
  std::vector<double> RunSlice(CompiledNetwork& network, Seconds slice) const {
    std::vector<double> kept, interrupted;
    Seconds spent{0};
    const Seconds start = clock_.Now();
    for (Seconds elapsed{0}; !IsEnough(kept, interrupted, spent, elapsed, slice);) {
      const int64_t switches = interruptions_();
      const Seconds before = clock_.Now();
      network.RunOnce();
      const Seconds after = clock_.Now();
      const bool whole = interruptions_() == switches;
      (whole ? kept : interrupted).push_back(Latency(after - before).count());
      if (whole) spent += after - before;
      elapsed = after - start;
    }
    return kept.empty() ? interrupted : kept;
  }

 private:
  static bool IsEnough(const std::vector<double>& kept, const std::vector<double>& interrupted,
                       Seconds spent, Seconds elapsed, Seconds slice) {
    if (kept.empty()) return !interrupted.empty() && elapsed >= 20 * slice;
    return spent >= slice || elapsed >= 5 * slice;
  }

  const Clock& clock_;
  std::function<int64_t()> interruptions_;
};

std::vector<Rounds> RunRounds(std::span<CompiledNetwork* const> networks,
                              const MeasureOptions& options) {
  if (options.rounds < 1) throw std::logic_error("MeasureOptions: at least one round");
  const Stopwatch stopwatch(options);
  const CorePin pin(options.threads == 1);
  for (CompiledNetwork* network : networks) stopwatch.RunSlice(*network, options.warm_up);

  std::vector<Rounds> result(networks.size());
  std::vector<size_t> order(networks.size());
  std::iota(order.begin(), order.end(), size_t{0});
  Random random(0);  // the order must vary, but need not be unpredictable
  for (int round = 0; round < options.rounds; ++round) {
    random.Shuffle(order);
    for (const size_t i : order) {
      const std::vector<double> samples = stopwatch.RunSlice(*networks[i], options.slice);
      result[i].medians.push_back(Median(samples));
      result[i].p90s.push_back(Quantile(samples, 0.9));
      result[i].samples += static_cast<int64_t>(samples.size());
    }
  }
  return result;
}

Measurement Summarise(const Rounds& rounds) {
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
    comparison.networks.push_back(Summarise(own));
    comparison.over_first.push_back(PairedRatio(rounds[0], own));
  }
  return comparison;
}

std::vector<Expected<double>> PairedMicroseconds(
    const std::vector<Expected<ChildMeasurement>>& results) {
  std::vector<Expected<double>> latencies;
  for (const auto& result : results)
    latencies.push_back(result.map([&](const ChildMeasurement& each) {
      if (each.over_first.median <= 0) return each.measurement.median.count();
      return results[0]->measurement.median.count() / each.over_first.median;
    }));
  return latencies;
}

}  // namespace nacre
