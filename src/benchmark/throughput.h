// Images per second of several streams in parallel, interleaved network by network as latencies
// are. One call at a time on a machine: two disturb each other.
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

// One entry per job. Error (kTarget): a job cannot be compiled; the compiler's own message.
Expected<std::vector<Throughput>> MeasureThroughput(Compiler& compiler,
                                                    const std::vector<ThroughputJob>& jobs,
                                                    const ThroughputOptions& options);

// Images per second of all streams together, which run for at least `slice`.
double ImagesPerSecond(const std::vector<std::unique_ptr<CompiledNetwork>>& streams, int64_t batch,
                       Seconds slice);

// Compiles the network once for each stream. Error (kTarget): the compiler's own message.
Expected<std::vector<std::unique_ptr<CompiledNetwork>>> CompileStreams(
    Compiler& compiler, const Network& network, const CompileOptions& options, int streams);

}  // namespace nacre
