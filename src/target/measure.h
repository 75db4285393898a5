// Latency of compiled networks, interleaved so that drift affects all alike (Highway nanobenchmark:
// distrust mean and minimum; return the spread with every number).
//
// Other programs on the machine distort latencies in two ways. They take the core away in the
// middle of an inference: on a loaded machine that can happen to the first inference of every slice
// and add milliseconds. Such inferences are dropped; the kernel's count of the thread's involuntary
// context switches reveals them. And they fill the caches and slow the memory down for a while:
// that is why there are rounds, medians and ratios by round.
#pragma once

#include <functional>
#include <memory>
#include <optional>
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
  int64_t samples = 0;      // inferences that were kept, over all rounds
};

struct MeasureOptions {
  Seconds warm_up{0.05};  // per network
  int rounds = 15;        // every network runs once a round, in an order shuffled per round
  // Time of the inferences that are kept, per network and round; at least one is kept. A slice ends
  // after 5 times that by the clock, or 20 times when every inference is interrupted.
  Seconds slice{0.02};
  const Clock* clock = nullptr;  // null: SteadyClock()
  int threads = 1;               // 1: the calling thread is pinned to its core while measuring
  // How often the calling thread has lost its core so far. Null: the kernel's count, or always 0
  // when `clock` is given.
  std::function<int64_t()> interruptions;
};

// One entry per network, in order. The calling thread's affinity is restored. Throws
// std::logic_error when there is no round. One call at a time on a machine: two disturb each other.
std::vector<Measurement> MeasureInterleaved(std::span<CompiledNetwork* const> networks,
                                            const MeasureOptions& options);

// A ratio baseline / candidate from one interleaved run, paired round by round. Above 1: the
// candidate is faster.
struct Ratio {
  double median = 0, low = 0, high = 0;  // low to high: 95 % interval
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

// One job of the measuring child: compile `network` and measure it beside the others.
struct MeasureJob {
  Network network;
  CompileOptions options;
};

struct ChildLimits {
  // For compiling a batch of jobs; the time for measuring, by MeasureOptions, is added.
  Seconds timeout{120};
  Bytes memory{int64_t{8} << 30};
  std::string program = "/proc/self/exe";  // it is started as `program arguments...`
  std::vector<std::string> arguments = {"measure"};
  // How often to try again when the program is ssh and its link is lost (exit code 255).
  int reconnects = 0;
};

// Why a command that should end in seconds leaves out compiling `network`: the compiler's work
// grows with the square of the nodes, and beyond a bound it takes minutes (docs/decisions/0044).
// Nothing where it may be compiled.
std::optional<Error> WhyTooLongToCompile(const Network& network);

// Compiles and compares all jobs in one child process (this program's hidden `measure` command)
// with limits. A job that crashes, hangs or fails to compile is an Error in its place (kTarget),
// and the others are measured without it. Entry i of the result belongs to job i. Blocks; one call
// at a time on a machine.
struct ChildMeasurement {
  Measurement measurement;
  Ratio over_first;  // against job 0; all 0 when job 0 failed
};
std::vector<Expected<ChildMeasurement>> MeasureInChild(std::span<const MeasureJob> jobs,
                                                       const MeasureOptions& options,
                                                       const ChildLimits& limits);

// Microseconds of each job: the median of job 0 over the ratio to it by round, so that slow drift
// cancels. The job's own median when job 0 failed.
std::vector<Expected<double>> PairedMicroseconds(
    const std::vector<Expected<ChildMeasurement>>& results);

// The child's side: reads jobs from `input_fd`, writes results to `output_fd` and returns the exit
// code. Whatever a library prints on standard output meanwhile goes to standard error.
int ServeMeasurements(int input_fd, int output_fd);

// How the child compiles ONNX bytes; tests inject faults here.
using CompileBytes = std::function<Expected<std::unique_ptr<CompiledNetwork>>(
    const std::string& onnx, const CompileOptions& options)>;
int ServeMeasurements(int input_fd, int output_fd, const CompileBytes& compile);

}  // namespace nacre
