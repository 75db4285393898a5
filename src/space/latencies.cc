#include "space/latencies.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/random.h"
#include "base/rank.h"
#include "graph/simplify.h"

namespace nacre {
namespace {

// Covers the blocks from the first to the last with candidates that the table has.
Architecture Draw(const Space& space, const std::vector<std::optional<double>>& latencies,
                  Random& random) {
  std::map<int, std::vector<int>> begins;
  for (size_t i = 0; i < space.candidates.size(); ++i) {
    if (latencies[i]) begins[space.candidates[i].candidate.first].push_back(static_cast<int>(i));
  }
  Architecture architecture;
  for (int block = 0; block < static_cast<int>(space.blocks.size());) {
    const std::vector<int>& choice = begins[block];
    if (choice.empty()) return Original(space);
    architecture.picks.push_back(choice[random.Below(choice.size())]);
    block = space.candidates[architecture.picks.back()].candidate.last + 1;
  }
  return architecture;
}

// Networks that are drawn from the space.
struct Sample {
  std::vector<std::string> names;
  std::vector<std::vector<Network>> parts;  // as the table has them
  std::vector<double> measured;             // microseconds
};

MeasureMany CarefulTimes(const Target& target, const ProfileCare& care) {
  return TimesOn(target, {.rounds = care.rounds, .slice = Seconds(0.01)});
}

Expected<void> MeasureInto(Sample& sample, LatencyTable& table, const std::vector<Network>& whole,
                           const MeasureMany& measure) {
  NACRE_TRY(const auto results, MeasureOnScale(table, whole, measure));
  for (const auto& result : results) {
    NACRE_TRY(const double latency, result);
    sample.measured.push_back(latency);
  }
  return {};
}

Expected<Sample> Measure(LatencyTable& table, const Space& space, const Target& target,
                         const ProfileCare& care) {
  constexpr int kAtOnce = 8;
  const auto latencies = CandidateLatencies(table, space);
  const MeasureMany measure = CarefulTimes(target, care);
  Random random(care.seed);
  Sample sample;
  for (int begin = 0; begin < care.networks; begin += kAtOnce) {
    std::vector<Network> whole;
    for (int i = begin; i < std::min(care.networks, begin + kAtOnce); ++i) {
      const Architecture architecture = Draw(space, latencies, random);
      sample.names.push_back(ToString(space, architecture));
      sample.parts.emplace_back();
      for (const int pick : architecture.picks)
        sample.parts.back().push_back(FoldBatchNorm(space.candidates[pick].candidate.fragment));
      whole.push_back(Assemble(space, architecture));
    }
    NACRE_CHECK_OK(MeasureInto(sample, table, whole, measure));
  }
  return sample;
}

}  // namespace

Expected<void> ExtendBySpace(LatencyTable& table, const Space& space, const Target& target,
                             const ProfileCare& care, const std::function<void(double)>& progress) {
  std::vector<Network> parts;
  for (const RatedCandidate& rated : space.candidates)
    parts.push_back(FoldBatchNorm(rated.candidate.fragment));
  return Extend(table, parts, CarefulTimes(target, care), progress);
}

std::vector<std::optional<double>> CandidateLatencies(const LatencyTable& table,
                                                      const Space& space) {
  std::vector<std::optional<double>> latencies;
  for (const RatedCandidate& rated : space.candidates) {
    const auto entry = table.entries.find(PartKey(rated.candidate.fragment));
    if (entry == table.entries.end())
      latencies.emplace_back();
    else
      latencies.emplace_back(std::max(0.0, entry->second));
  }
  return latencies;
}

Expected<void> CalibrateBySpace(LatencyTable& table, const Space& space, const Target& target,
                                const ProfileCare& care) {
  NACRE_TRY(const Sample sample, Measure(table, space, target, care));
  return Calibrate(table, sample.parts, sample.measured);
}

Expected<TableCheck> CheckTable(LatencyTable& table, const Space& space, const Target& target,
                                const ProfileCare& care) {
  NACRE_TRY(const Sample sample, Measure(table, space, target, care));
  NACRE_TRY(const Sample again, Measure(table, space, target, care));
  TableCheck check{.networks = sample.names, .measured = sample.measured};
  check.repeat_tau = KendallTau(sample.measured, again.measured);
  for (size_t i = 0; i < sample.parts.size(); ++i) {
    check.largest_repeat =
        std::max(check.largest_repeat, std::abs(sample.measured[i] / again.measured[i] - 1));
    check.measured[i] = (sample.measured[i] + again.measured[i]) / 2;
    NACRE_TRY(const double predicted, PredictLatency(table, sample.parts[i]));
    check.predicted.push_back(predicted);
    check.largest_error =
        std::max(check.largest_error, std::abs(predicted / check.measured[i] - 1));
  }
  check.tau = KendallTau(check.predicted, check.measured);
  return check;
}

}  // namespace nacre
