// Latency of compiled networks, interleaved so that drift hits all alike (Highway nanobenchmark:
// distrust mean and minimum; return the spread with every number).
//
// Other programs on the machine make latencies wrong in two ways. They take the core away in the
// middle of an inference: on a loaded machine that can be every slice's first inference and add
// milliseconds. Such inferences are dropped, as the kernel counts the thread's involuntary context
// switches. And they fill the caches and slow the memory down for a while: that is what rounds,
// medians and ratios by round are for.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "target/target.h"

namespace nacre {

struct Measurement {
  Latency median{0};        // of the round medians
  Latency p90{0};           // median of the rounds' 90th percentiles
  Latency low{0}, high{0};  // 95 % interval of the median, from round medians
  int64_t samples = 0;
};

struct MeasureOptions {
  Seconds warm_up{0.05};  // per network
  int rounds = 15;        // every network runs once a round, in an order shuffled per round
  Seconds slice{0.02};  // of inferences kept, per network and round; at least one; at most 5 times
                        // that by the clock, 20 times when every inference is interrupted
  const Clock* clock = nullptr;  // null: SteadyClock()
  int threads = 1;               // 1: the calling thread is pinned to its core while measuring
  // How often the calling thread has lost its core so far. Null: the kernel's count, and 0 with a
  // clock of one's own.
  std::function<int64_t()> interruptions;
};

// One entry per network, in order. The calling thread's affinity is restored.
std::vector<Measurement> MeasureInterleaved(std::span<CompiledNetwork* const> networks,
                                            const MeasureOptions& options);

// A ratio baseline / candidate from one interleaved run, paired round by round.
struct Ratio {
  double median = 0, low = 0, high = 0;  // 95 % interval
  // Two compilations of one network differ by up to 0.6 %, however long they are measured (A/A,
  // docs/results.md): what lies within 1 % is no difference.
  static constexpr double kResolution = 0.01;
  bool differs() const { return low > 1 + kResolution || high < 1 - kResolution; }
};

struct Comparison {
  std::vector<Measurement> networks;
  std::vector<Ratio> over_first;  // latency of networks[0] / latency of networks[i]
};
Comparison CompareInterleaved(std::span<CompiledNetwork* const> networks,
                              const MeasureOptions& options);

// What one job for the measuring child is: compile `network` and measure it beside the others.
struct MeasureJob {
  Network network;
  CompileOptions options;
};

struct ChildLimits {
  Seconds timeout{120};  // for compiling a batch of jobs; the time that measuring takes by
                         // MeasureOptions comes on top
  Bytes memory{int64_t{8} << 30};
  std::string program = "/proc/self/exe";  // what is started, as `program measure`
  std::vector<std::string> arguments = {"measure"};
  int reconnects =
      0;  // of a program that is ssh: how often a lost link (exit code 255) is tried again
};

// Compiles and compares all jobs in one child process (this program's hidden `measure` command)
// with limits. A job that crashes, hangs or fails to compile is an Error in its place (kTarget),
// and the others are measured without it. Entry i of the result belongs to job i.
struct ChildMeasurement {
  Measurement measurement;
  Ratio over_first;  // against job 0; all 0 when job 0 failed
};
std::vector<Expected<ChildMeasurement>> MeasureInChild(std::span<const MeasureJob> jobs,
                                                       const MeasureOptions& options,
                                                       const ChildLimits& limits);

// Microseconds of each job as the median of job 0 over the ratio to it by round: slow drift
// cancels. The job's own median when job 0 failed.
std::vector<Expected<double>> PairedMicroseconds(
    const std::vector<Expected<ChildMeasurement>>& results);

// The child's side: reads jobs from `input_fd`, writes results to `output_fd`. Returns the exit
// code. What anything prints on standard output meanwhile goes to standard error.
int ServeMeasurements(int input_fd, int output_fd);

// How the child compiles ONNX bytes; tests inject faults here.
using CompileBytes = std::function<Expected<std::unique_ptr<CompiledNetwork>>(
    const std::string& onnx, const CompileOptions& options)>;
int ServeMeasurements(int input_fd, int output_fd, const CompileBytes& compile);

}  // namespace nacre
