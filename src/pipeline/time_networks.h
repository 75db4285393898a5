// Latency of all results, interleaved in one run with each of both baselines.
#pragma once

#include <memory>
#include <vector>

#include "pipeline/run_services.h"
#include "target/measure.h"

namespace nacre {

struct NetworkPair {
  std::shared_ptr<const Network> int8, fp32;
};

// Measured at each precision, with how many times as fast as either baseline.
struct PairSpeeds {
  Measurement int8, fp32;
  Ratio int8_over_int8, int8_over_fp32, fp32_over_int8, fp32_over_fp32;
};

// The first pair are the baselines. Never from the store: the figures of a report are of one
// measurement. Error (kTarget): one of the networks cannot be measured.
Expected<std::vector<PairSpeeds>> TimeNetworks(RunServices& run,
                                               const std::vector<NetworkPair>& networks);

}  // namespace nacre
