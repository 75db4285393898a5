// Latency of compiled networks, interleaved so that drift hits all alike (Highway nanobenchmark: distrust mean and
// minimum; return the spread with every number).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "target/target.h"

namespace nacre {

struct Measurement {
  Latency median{0}, p90{0};
  Latency low{0}, high{0};  // 95 % interval of the median, from round medians
  int64_t samples = 0;
};

struct MeasureOptions {
  Seconds warm_up{0.05};     // per network
  int rounds = 15;           // every network runs once a round, in an order shuffled per round
  Seconds slice{0.02};       // per network and round
  const Clock* clock = nullptr;  // null: SteadyClock()
};

// Pins the calling thread to a core while measuring with one thread. One entry per network, in order.
std::vector<Measurement> MeasureInterleaved(std::span<CompiledNetwork* const> networks, const MeasureOptions& options);

// A ratio baseline / candidate from one interleaved run, paired round by round.
struct Ratio {
  double median = 0, low = 0, high = 0;  // 95 % interval
  bool differs() const { return low > 1 || high < 1; }
};

struct Comparison {
  std::vector<Measurement> networks;
  std::vector<Ratio> over_first;  // latency of networks[0] / latency of networks[i]
};
Comparison CompareInterleaved(std::span<CompiledNetwork* const> networks, const MeasureOptions& options);

// What one job for the measuring child is: compile `onnx` and measure it beside the others.
struct MeasureJob {
  Network network;
  CompileOptions options;
};

struct ChildLimits {
  Seconds timeout{120};
  Bytes memory{int64_t{8} << 30};
};

// Compiles and compares all jobs in one child process (this program's hidden `measure` command) with limits. A job that
// crashes, hangs or fails to compile is an Error in its place (kTarget), and the others are measured without it.
// Entry i of the result belongs to job i.
struct ChildMeasurement {
  Measurement measurement;
  Ratio over_first;         // against job 0
};
std::vector<Expected<ChildMeasurement>> MeasureInChild(std::span<const MeasureJob> jobs, const MeasureOptions& options,
                                                       const ChildLimits& limits);

// The child's side: reads jobs from `input_fd`, writes results to `output_fd`. Returns the exit code.
int ServeMeasurements(int input_fd, int output_fd);

}  // namespace nacre
