// Steps 1 and 2: the space of candidates, and what each costs on the target.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "base/log.h"
#include "graph/simplify.h"
#include "pipeline/context.h"
#include "pipeline/profile.h"

namespace nacre {
namespace {

constexpr size_t kFragmentsPerJob = 40;

// What `nacre target profile` has measured on this target, as it was when the run began.
Expected<void> StartTable(Context& context) {
  const std::string fingerprint = Fingerprint(context.machine, context.config.target);
  const std::string key = Hasher().Add("table-start").Add(fingerprint).Digest();
  NACRE_TRY(const Job job, Once(context, "table-start", key, [&]() -> Expected<Job> {
    return Job{.result = ToJson(ReadTable(fingerprint))};
  }));
  NACRE_TRY(context.table, LatencyTableFromJson(job.result));
  if (!context.table.entries.empty()) {
    Info(fmt::format("latency table: {} parts are known from {}", context.table.entries.size(), TableFile(fingerprint).string()));
  }
  return {};
}

// Fills the table in jobs of a few fragments each, so that a kill loses little.
Expected<void> MeasureFragments(Context& context) {
  NACRE_CHECK_OK(StartTable(context));
  std::vector<Network> pending;
  std::set<std::string> seen;
  for (const Candidate& candidate : context.space.candidates) {
    const std::string part = PartKey(candidate.fragment);
    if (!context.table.entries.count(part) && seen.insert(part).second) pending.push_back(FoldBatchNorm(candidate.fragment));
  }
  for (size_t begin = 0; begin < pending.size(); begin += kFragmentsPerJob) {
    const size_t end = std::min(pending.size(), begin + kFragmentsPerJob);
    const std::vector<Network> chunk(pending.begin() + begin, pending.begin() + end);
    Hasher key;
    key.Add("table").Add(context.table.fingerprint);
    for (const Network& fragment : chunk) key.Add(StructuralHash(fragment));
    NACRE_TRY(const Job job, Once(context, "table", key.Digest(), [&]() -> Expected<Job> {
      LatencyTable part = context.table;  // its scale and bases
      part.entries.clear();
      NACRE_CHECK_OK(Extend(part, chunk, TimesOn(context.config.target)));
      return Job{.result = ToJson(part)};
    }));
    NACRE_TRY(LatencyTable part, LatencyTableFromJson(job.result));
    part.entries.merge(context.table.entries);
    context.table = std::move(part);
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
  context.latencies = CandidateLatencies(context.table, context.space);
  for (size_t i = 0; i < context.space.candidates.size(); ++i) {
    const Candidate& candidate = context.space.candidates[i];
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
