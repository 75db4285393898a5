#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/log.h"
#include "cost/profile.h"
#include "engine/jobs/table_job.h"
#include "engine/shares.h"
#include "graph/simplify.h"
#include "pipeline/rate_space.h"
#include "space/rated.h"

namespace nacre {
namespace {

// What `nacre target profile` has measured on this target, as it was when the run began.
Expected<LatencyTable> StartTable(RunServices& run) {
  const std::string fingerprint = run.Fingerprint(), name = "table-start " + fingerprint;
  NACRE_TRY(auto text, run.jobs.Decided(name));
  if (!text) {
    text = ToJson(ReadTable(fingerprint));
    NACRE_CHECK_OK(run.jobs.Decide(name, *text));
  }
  NACRE_TRY(LatencyTable table, LatencyTableFromJson(*text));
  if (!table.entries.empty()) {
    Info(fmt::format("latency table: {} parts are known from {}", table.entries.size(),
                     TableFile(fingerprint).string()));
  }
  return table;
}

// Each distinct fragment that the table lacks, as the compiler sees it.
std::vector<Network> Unknown(const Space& space, const LatencyTable& table) {
  std::vector<Network> unknown;
  std::set<std::string> seen;
  for (const RatedCandidate& rated : space.candidates) {
    const Network& fragment = rated.candidate.fragment;
    const std::string part = PartKey(fragment);
    if (table.entries.count(part) > 0 || !seen.insert(part).second) continue;
    unknown.push_back(FoldBatchNorm(Unmade(fragment)));
  }
  return unknown;
}

// In jobs of a few fragments each, so that a kill loses little. Each goes on with the bases that
// the one before has measured.
Expected<LatencyTable> FillTable(RunServices& run, const Space& space) {
  NACRE_TRY(LatencyTable table, StartTable(run));
  const std::vector<Network> pending = Unknown(space, table);
  const auto per_job = static_cast<size_t>(shares::kFragmentsPerJob);
  for (size_t begin = 0; begin < pending.size(); begin += per_job) {
    const size_t count = std::min(per_job, pending.size() - begin);
    std::vector<Network> made;  // their weights live for this job alone
    for (const Network& each : std::span(pending).subspan(begin, count)) {
      made.push_back(Unmade(each));
    }
    NACRE_TRY(const ArtifactHash fragments, run.materials.PutNetworks(made));
    NACRE_TRY(const JobResult done, run.jobs.Do(TableSpec(fragments, table, run.config.target)));
    NACRE_TRY(LatencyTable part, ReadTablePart(done));
    part.entries.merge(table.entries);
    table = std::move(part);
    run.progress.Update(static_cast<double>(begin + count) / static_cast<double>(pending.size()),
                        fmt::format("{} of {} fragments timed", begin + count, pending.size()));
  }
  return table;
}

}  // namespace

Expected<RatedSpace> PriceSpace(RunServices& run, const Ingested& in, const Baselines& baselines) {
  RatedSpace rated;
  NACRE_TRY(rated.space, BuildSpace(in.teacher, {.seed = run.config.seed}));
  NACRE_TRY(const LatencyTable table, FillTable(run, rated.space));
  NACRE_CHECK_OK(FillUsages(rated.space, table, run.config.target));
  const Objective objective = run.config.objective;
  rated.pricing = {.target = run.config.target,
                   .objective = objective,
                   .bounds = run.config.bounds,
                   .original = baselines.usage,
                   .overhead = table.overhead,
                   .scale = table.scale,
                   .seed = run.config.seed};
  size_t useful = 0;
  for (size_t i = 0; i < rated.space.candidates.size(); ++i) {
    useful += IsUseful(rated.space, objective, i) ? 1 : 0;
  }
  Info(fmt::format("space: {} blocks, {} candidates, {} of them {} on the target",
                   rated.space.blocks.size(), rated.space.candidates.size(),
                   useful - rated.space.blocks.size(),
                   MinimisesTime(objective) ? "faster" : "smaller"));
  return rated;
}

}  // namespace nacre
