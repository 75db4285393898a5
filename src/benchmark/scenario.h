// MLPerf Inference's four scenarios on a compiled network, issued and judged by the real LoadGen
// (mlcommons-loadgen).
//
// In scope: performance runs on random images that lie in memory before the clock starts; LoadGen's
// own log files, untouched. Out of scope: accuracy runs (`nacre eval` does them) and submissions.
// One run at a time per process.
#pragma once

#include <string>

#include "base/clock.h"
#include "target/target.h"

namespace nacre {

enum class Scenario {
  kSingleStream,  // one sample after the other; the 90th percentile of latency counts
  kMultiStream,   // eight samples at once, one query after the other; the 99th percentile counts
  kServer,   // samples arrive at random (Poisson); valid while 99 % are answered within the bound
  kOffline,  // all samples at once; throughput counts
};
std::string ScenarioName(Scenario scenario);
// "SingleStream", in any case. Error (kUsage) names the four.
Expected<Scenario> ParseScenario(const std::string& text);

struct ScenarioOptions {
  Scenario scenario = Scenario::kSingleStream;
  CompileOptions
      compile;            // of one stream; `batch` samples go through at once, but for SingleStream
  int streams = 1;        // that work side by side, each a compiled network of its own
  Seconds duration{600};  // at least; MLPerf's rule is 600 s
  Latency server_bound{10000};  // microseconds
  double server_rate = 0;  // queries per second; 0: 70 % of what the streams can do, measured first
  std::string logs;        // folder that LoadGen writes to; made when missing
};

struct ScenarioResult {
  std::string metric;          // what `value` is, in LoadGen's words: "Samples per second"
  double value = 0;            // in the metric's unit: ns or 1/s
  bool valid = false;          // LoadGen's verdict
  bool mlperf_length = false;  // as long as MLPerf asks; a shorter run is no MLPerf result
  double rate = 0;             // of queries per second, offered (Server only)
  std::string summary;         // text of mlperf_log_summary.txt
};

// Errors: kTarget (cannot be compiled or run), kUsage (log folder cannot be written).
Expected<ScenarioResult> RunScenario(Compiler& compiler, const Network& network,
                                     const ScenarioOptions& options);

// The result that a LoadGen summary states. Error (kInternal) when it states none.
Expected<ScenarioResult> ReadSummary(Scenario scenario, const std::string& summary);

}  // namespace nacre
