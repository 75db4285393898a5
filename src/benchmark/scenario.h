// MLPerf Inference's four scenarios on a compiled network, issued and judged by the real LoadGen
// (mlcommons-loadgen).
//
// In scope: performance runs on random images that are in memory before the clock starts; LoadGen's
// own log files, unchanged. Out of scope: accuracy runs (`nacre eval` does them) and submissions.
// Not thread-safe: LoadGen allows one run at a time in a process.
#pragma once

#include <string>

#include "base/clock.h"
#include "target/target.h"

namespace nacre {

enum class Scenario {
  kSingleStream,  // one sample after the other; the 90th percentile of latency counts
  kMultiStream,   // eight samples at once, one query after the other; the 99th percentile counts
  kServer,        // samples arrive at random (Poisson); valid if 99 % are answered within the bound
  kOffline,       // all samples at once; throughput counts
};
std::string ScenarioName(Scenario scenario);
// "SingleStream", in any case. Error (kUsage) names the four.
Expected<Scenario> ParseScenario(const std::string& text);

struct ScenarioOptions {
  Scenario scenario = Scenario::kSingleStream;
  CompileOptions compile;  // of one stream; SingleStream takes 1 image at once, whatever `batch`
  int streams = 1;         // that run in parallel, each with a compiled network of its own
  Seconds duration{600};   // at least; MLPerf demands 600 s
  Latency server_bound{10000};
  double server_rate = 0;  // queries per second; 0: 70 % of the streams' throughput, measured first
  std::string logs;        // folder that LoadGen writes to; created when missing
};

struct ScenarioResult {
  std::string metric;  // what `value` is, in LoadGen's words: "Samples per second"
  double value = 0;    // in the metric's unit: ns (lower is better) or 1/s (higher is better)
  bool valid = false;  // LoadGen's verdict
  bool mlperf_length = false;  // as long as MLPerf demands; a shorter run is not an MLPerf result
  double rate = 0;             // queries per second that were issued (Server only)
  std::string summary;         // text of mlperf_log_summary.txt
};

// Errors: kTarget (cannot be compiled or run), kUsage (log folder cannot be written).
Expected<ScenarioResult> RunScenario(Compiler& compiler, const Network& network,
                                     const ScenarioOptions& options);

// The result that a LoadGen summary states. Error (kInternal) when it states none.
Expected<ScenarioResult> ReadSummary(Scenario scenario, const std::string& summary);

}  // namespace nacre
