// Steps 1 and 2: the space of candidates, and what each costs on the target.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "base/log.h"
#include "cost/profile.h"
#include "graph/simplify.h"
#include "pipeline/context.h"
#include "space/latencies.h"

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
    Info(fmt::format("latency table: {} parts are known from {}", context.table.entries.size(),
                     TableFile(fingerprint).string()));
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
    if (!context.table.entries.count(part) && seen.insert(part).second)
      pending.push_back(FoldBatchNorm(candidate.fragment));
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

Expected<void> FillUsages(Context& context) {
  const std::vector<double> latencies = CandidateLatencies(context.table, context.space);
  const auto blocks = static_cast<double>(context.space.blocks.size());
  for (size_t i = 0; i < latencies.size(); ++i) {
    NACRE_TRY(Usage usage, UsageOf(context.space.candidates[i].fragment, context.config.target));
    NACRE_TRY(const double weights,
              WeightBytes(context.space.candidates[i].fragment, context.config.target));
    // The largest of the activations is no sum: each candidate answers for a share of its own.
    usage.memory = weights + (usage.memory - weights) / blocks;
    usage.latency = latencies[i];
    context.usages.push_back(usage);
  }
  return {};
}

// Compiler-aware: what takes no less than the blocks that it replaces is no candidate.
void MarkUseful(Context& context) {
  constexpr double kLess = 0.95;
  double Usage::*const figure = context.Figure();
  std::vector<double> keep(context.space.blocks.size(), 0);
  for (size_t i = 0; i < context.usages.size(); ++i) {
    const Candidate& candidate = context.space.candidates[i];
    if (candidate.kind == "keep") keep[candidate.first] = context.usages[i].*figure;
  }
  for (size_t i = 0; i < context.usages.size(); ++i) {
    const Candidate& candidate = context.space.candidates[i];
    double kept = 0;
    for (int b = candidate.first; b <= candidate.last; ++b) kept += keep[b];
    const bool cheaper = candidate.kind == "keep" || context.usages[i].*figure <= kLess * kept;
    context.useful.push_back(context.usages[i].latency >= 0 && cheaper);
  }
}

}  // namespace

Expected<void> MakeSpace(Context& context) {
  SpaceOptions options{.seed = context.config.seed};
  NACRE_TRY(context.space, BuildSpace(context.teacher, options));
  NACRE_CHECK_OK(MeasureFragments(context));
  NACRE_CHECK_OK(FillUsages(context));
  MarkUseful(context);
  const auto useful = std::count(context.useful.begin(), context.useful.end(), true);
  const bool fits = context.config.objective == "size" || context.config.objective == "memory";
  Info(fmt::format("space: {} blocks, {} candidates, {} of them {} on the target",
                   context.space.blocks.size(), context.space.candidates.size(),
                   useful - static_cast<std::ptrdiff_t>(context.space.blocks.size()),
                   fits ? "smaller" : "faster"));
  return {};
}

}  // namespace nacre
