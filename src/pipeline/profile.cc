#include "pipeline/profile.h"

#include <fmt/format.h>
#include <algorithm>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "base/random.h"
#include "graph/simplify.h"
#include "pipeline/objective.h"
#include "predict/rank.h"
#include "store/run.h"
#include "target/remote.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;

// Covers the blocks from the first to the last by candidates that the table knows.
Architecture Draw(const Space& space, const std::vector<double>& latencies, Random& random) {
  std::map<int, std::vector<int>> begins;
  for (size_t i = 0; i < space.candidates.size(); ++i) {
    if (latencies[i] >= 0) begins[space.candidates[i].first].push_back(static_cast<int>(i));
  }
  Architecture architecture;
  for (int block = 0; block < static_cast<int>(space.blocks.size());) {
    const std::vector<int>& choice = begins[block];
    if (choice.empty()) return Original(space);
    architecture.picks.push_back(choice[random.Below(choice.size())]);
    block = space.candidates[architecture.picks.back()].last + 1;
  }
  return architecture;
}

struct Sample {
  std::vector<std::string> names;
  std::vector<std::vector<Network>> parts;
  std::vector<double> measured;  // microseconds
};

Expected<Sample> Measure(LatencyTable& table, const Space& space, const Target& target,
                         const ProfileCare& care) {
  constexpr int kAtOnce = 8;
  const std::vector<double> latencies = CandidateLatencies(table, space);
  Random random(care.seed);
  Sample sample;
  for (int begin = 0; begin < care.networks; begin += kAtOnce) {
    std::vector<Network> whole;
    for (int i = begin; i < std::min(care.networks, begin + kAtOnce); ++i) {
      const Architecture architecture = Draw(space, latencies, random);
      sample.names.push_back(ToString(space, architecture));
      sample.parts.emplace_back();
      for (int pick : architecture.picks)
        sample.parts.back().push_back(FoldBatchNorm(space.candidates[pick].fragment));
      whole.push_back(Assemble(space, architecture));
    }
    NACRE_TRY(const auto results,
              MeasureOnScale(table, whole,
                             TimesOn(target, {.rounds = care.rounds, .slice = Seconds(0.01)})));
    for (const auto& result : results) {
      NACRE_TRY(const double latency, result);
      sample.measured.push_back(latency);
    }
  }
  return sample;
}

fs::path CacheFolder() {
  const auto set = [](const char* name) {
    return std::getenv(name) != nullptr && *std::getenv(name) != '\0';
  };
  if (set("NACRE_CACHE")) return std::getenv("NACRE_CACHE");
  if (set("XDG_CACHE_HOME")) return fs::path(std::getenv("XDG_CACHE_HOME")) / "nacre";
  return fs::path(set("HOME") ? std::getenv("HOME") : "/tmp") / ".cache" / "nacre";
}

}  // namespace

MeasureJob TimingJob(const Network& network, const Target& target) {
  return {AsDeployed(network, target), {target.precision, target.threads, target.batch}};
}

MeasureMany TimesOn(const Target& target, const MeasureOptions& options) {
  return [target, options](const std::vector<Network>& networks) {
    std::vector<MeasureJob> jobs;
    for (const Network& network : networks) jobs.push_back(TimingJob(network, target));
    return PairedMicroseconds(MeasureInChild(jobs, options, LimitsFor(target)));
  };
}

std::string PartKey(const Network& fragment) { return StructuralHash(FoldBatchNorm(fragment)); }

Expected<void> ExtendBySpace(LatencyTable& table, const Space& space, const Target& target,
                             const ProfileCare& care, const std::function<void(double)>& progress) {
  std::vector<Network> parts;
  for (const Candidate& candidate : space.candidates)
    parts.push_back(FoldBatchNorm(candidate.fragment));
  return Extend(table, parts, TimesOn(target, {.rounds = care.rounds, .slice = Seconds(0.01)}),
                progress);
}

std::vector<double> CandidateLatencies(const LatencyTable& table, const Space& space) {
  std::vector<double> latencies;
  for (const Candidate& candidate : space.candidates) {
    const auto entry = table.entries.find(PartKey(candidate.fragment));
    latencies.push_back(entry == table.entries.end() ? -1 : std::max(0.0, entry->second));
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
    NACRE_TRY(const double predicted, Predict(table, sample.parts[i]));
    check.predicted.push_back(predicted);
    check.largest_error =
        std::max(check.largest_error, std::abs(predicted / check.measured[i] - 1));
  }
  check.tau = KendallTau(check.predicted, check.measured);
  return check;
}

fs::path TableFile(const std::string& fingerprint) {
  return CacheFolder() / "latency" / (fingerprint + ".json");
}

LatencyTable ReadTable(const std::string& fingerprint) {
  std::ifstream file(TableFile(fingerprint));
  std::ostringstream text;
  text << file.rdbuf();
  const auto table = LatencyTableFromJson(text.str());
  return table && table->fingerprint == fingerprint ? *table
                                                    : LatencyTable{.fingerprint = fingerprint};
}

Expected<void> WriteTable(const LatencyTable& table) {
  const fs::path file = TableFile(table.fingerprint);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) {
    return Fail(ErrorKind::kUsage,
                fmt::format("cannot create {}: {}; NACRE_CACHE names another folder",
                            file.parent_path().string(), error.message()));
  }
  return WriteFileAtomically(file, ToJson(table));
}

}  // namespace nacre
