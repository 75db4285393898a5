#include "pipeline/time_networks.h"

#include <algorithm>

#include "target/remote.h"

namespace nacre {
namespace {

constexpr int kRounds = 41;

// Networks in this order: INT8 and FP32 of the first pair, of the second, and so on. The one at
// `first` is measured as the reference of the ratios.
Expected<std::vector<ChildMeasurement>> Compare(const RunServices& run,
                                                const std::vector<NetworkPair>& networks,
                                                size_t first) {
  const auto precision_of = [](size_t index) {
    return index % 2 == 0 ? Precision::kInt8 : Precision::kFp32;
  };
  std::vector<size_t> order;
  for (size_t i = 0; i < 2 * networks.size(); ++i) order.push_back(i);
  std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(first),
              order.begin() + static_cast<std::ptrdiff_t>(first) + 1);
  std::vector<MeasureJob> jobs;
  for (const size_t i : order) {
    const NetworkPair& pair = networks[i / 2];
    CompileOptions options = run.TimedOptions();
    options.precision = precision_of(i);
    jobs.push_back({i % 2 == 0 ? *pair.int8 : *pair.fp32, options});
  }
  const auto results = MeasureInChild(jobs, {.rounds = kRounds}, LimitsFor(run.config.target));
  std::vector<ChildMeasurement> sorted(order.size());
  for (size_t k = 0; k < order.size(); ++k) {
    NACRE_TRY(sorted[order[k]], results[k]);
  }
  return sorted;
}

}  // namespace

Expected<std::vector<PairSpeeds>> TimeNetworks(RunServices& run,
                                               const std::vector<NetworkPair>& networks) {
  NACRE_TRY(const auto over_int8, Compare(run, networks, 0));
  NACRE_TRY(const auto over_fp32, Compare(run, networks, 1));
  std::vector<PairSpeeds> speeds;
  for (size_t i = 0; i < networks.size(); ++i) {
    const size_t int8 = 2 * i, fp32 = 2 * i + 1;
    speeds.push_back({.int8 = over_int8[int8].measurement,
                      .fp32 = over_int8[fp32].measurement,
                      .int8_over_int8 = over_int8[int8].over_first,
                      .int8_over_fp32 = over_fp32[int8].over_first,
                      .fp32_over_int8 = over_int8[fp32].over_first,
                      .fp32_over_fp32 = over_fp32[fp32].over_first});
  }
  return speeds;
}

}  // namespace nacre
