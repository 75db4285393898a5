// Images per second of several streams side by side, interleaved network by network as latencies
// are.
#pragma once

#include <memory>
#include <vector>

#include "target/measure.h"
#include "target/target.h"

namespace nacre {

struct ThroughputJob {
  Network network;
  CompileOptions compile;  // of one stream
  int streams = 1;
};

struct ThroughputOptions {
  int rounds = 15;     // every job runs once a round
  Seconds slice{0.2};  // per job and round
};

struct Throughput {
  double median = 0, low = 0, high = 0;  // images per second, 95 % interval of the median
  Ratio over_first;  // this / the first job's, paired round by round; above 1: more throughput
};

// One entry per job. Errors: kTarget, naming the job that cannot be compiled.
Expected<std::vector<Throughput>> MeasureThroughput(Compiler& compiler,
                                                    const std::vector<ThroughputJob>& jobs,
                                                    const ThroughputOptions& options);

// Images per second of the streams, all running for `slice`.
double ImagesPerSecond(const std::vector<std::unique_ptr<CompiledNetwork>>& streams, int64_t batch,
                       Seconds slice);

// `streams` compiled networks of their own.
Expected<std::vector<std::unique_ptr<CompiledNetwork>>> CompileStreams(
    Compiler& compiler, const Network& network, const CompileOptions& options, int streams);

}  // namespace nacre
