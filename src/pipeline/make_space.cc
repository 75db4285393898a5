// Steps 1 and 2: the space of candidates, and what each costs on the target.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "pipeline/context.h"
#include "target/remote.h"

namespace nacre {
namespace {

constexpr size_t kFragmentsPerJob = 40;

MeasureMany Measurer(const Context& context) {
  return [&context](const std::vector<Network>& networks) {
    std::vector<MeasureJob> jobs;
    for (const Network& network : networks) {
      jobs.push_back({context.AsTimed(network), context.TimedOptions()});
    }
    std::vector<Expected<double>> latencies;
    const MeasureOptions quick{.rounds = 9, .slice = Seconds(0.004)};
    for (const auto& result : MeasureInChild(jobs, quick, LimitsFor(context.config.target))) {
      latencies.push_back(result.map([](const auto& m) { return m.measurement.median.count(); }));
    }
    return latencies;
  };
}

// Fills the table in jobs of a few fragments each, so that a kill loses little.
Expected<void> MeasureFragments(Context& context) {
  const std::string fingerprint = Fingerprint(context.machine, context.config.target);
  context.table.fingerprint = fingerprint;
  std::vector<Network> pending;
  std::map<std::string, bool> seen;
  for (const Candidate& candidate : context.space.candidates) {
    if (seen.emplace(StructuralHash(candidate.fragment), true).second) {
      pending.push_back(candidate.fragment);
    }
  }
  for (size_t begin = 0; begin < pending.size(); begin += kFragmentsPerJob) {
    const size_t end = std::min(pending.size(), begin + kFragmentsPerJob);
    const std::vector<Network> chunk(pending.begin() + begin, pending.begin() + end);
    Hasher key;
    key.Add("table").Add(fingerprint);
    for (const Network& fragment : chunk) key.Add(StructuralHash(fragment));
    const auto job = Once(context, "table", key.Digest(), [&]() -> Expected<Job> {
      LatencyTable part{.fingerprint = fingerprint};
      NACRE_CHECK_OK(Extend(part, chunk, Measurer(context)));
      return Job{.result = ToJson(part)};
    });
    if (!job) return tl::unexpected<Error>(job.error());
    NACRE_TRY(const LatencyTable part, LatencyTableFromJson(job->result));
    context.table.entries.insert(part.entries.begin(), part.entries.end());
    context.table.overhead = part.overhead;
    context.progress->Update(static_cast<double>(end) / pending.size(),
                             fmt::format("{} of {} fragments timed", end, pending.size()));
  }
  return {};
}

}  // namespace

Expected<void> MakeSpace(Context& context) {
  SpaceOptions options{.seed = context.config.seed};
  NACRE_TRY(context.space, BuildSpace(context.teacher, options));
  NACRE_CHECK_OK(MeasureFragments(context));
  std::vector<double> keep(context.space.blocks.size(), 0);
  context.latencies.assign(context.space.candidates.size(), -1);
  for (size_t i = 0; i < context.space.candidates.size(); ++i) {
    const Candidate& candidate = context.space.candidates[i];
    const auto entry = context.table.entries.find(StructuralHash(candidate.fragment));
    if (entry != context.table.entries.end()) context.latencies[i] = std::max(0.0, entry->second);
    if (candidate.kind == "keep") keep[candidate.first] = context.latencies[i];
  }
  // Compiler-aware: what does not run faster than the blocks it replaces is no candidate.
  size_t faster = 0;
  for (size_t i = 0; i < context.space.candidates.size(); ++i) {
    const Candidate& candidate = context.space.candidates[i];
    if (candidate.kind == "keep") continue;
    double kept = 0;
    for (int b = candidate.first; b <= candidate.last; ++b) kept += keep[b];
    if (context.latencies[i] > 0.95 * kept) context.latencies[i] = -1;
    if (context.latencies[i] >= 0) ++faster;
  }
  Info(fmt::format("space: {} blocks, {} candidates, {} of them faster on the target",
                   context.space.blocks.size(), context.space.candidates.size(), faster));
  return {};
}

}  // namespace nacre
