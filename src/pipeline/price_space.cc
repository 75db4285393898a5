#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/log.h"
#include "cost/profile.h"
#include "engine/jobs/table_job.h"
#include "engine/shares.h"
#include "graph/shapes.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "pipeline/rate_space.h"
#include "pipeline/stage_time.h"
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

// Multiply-accumulates of the original's blocks before each block, and of all of them.
std::vector<int64_t> MacsUpTo(const Space& space) {
  std::vector<int64_t> macs(space.blocks.size());
  for (const RatedCandidate& rated : space.candidates) {
    if (!IsKeep(rated.candidate)) continue;
    const auto cost = CostOf(rated.candidate.fragment);
    if (cost) macs[static_cast<size_t>(rated.candidate.first)] = cost->macs;
  }
  std::vector<int64_t> up_to(1, 0);
  for (const int64_t each : macs) up_to.push_back(up_to.back() + each);
  return up_to;
}

// Fragments to time, as the compiler sees them, in the order of their use: those of the original
// first, without which no candidate can be compared, then some of every span, beginning with the
// spans that take most of the work.
struct Pending {
  std::vector<Network> fragments;
  size_t of_original = 0;
};

Pending PendingOf(const Space& space, const LatencyTable& table) {
  struct Item {
    size_t turn;   // among the candidates of its span
    int64_t macs;  // of what it replaces
    const Network* fragment;
  };
  const std::vector<int64_t> up_to = MacsUpTo(space);
  std::vector<Item> items;
  std::set<std::string> seen;
  std::map<std::pair<int, int>, size_t> turns;
  for (const RatedCandidate& rated : space.candidates) {
    const Candidate& candidate = rated.candidate;
    const std::string part = PartKey(candidate.fragment);
    if (table.entries.count(part) > 0 || !seen.insert(part).second) continue;
    const size_t turn = IsKeep(candidate) ? 0 : ++turns[{candidate.first, candidate.last}];
    const auto first = static_cast<size_t>(candidate.first);
    const auto last = static_cast<size_t>(candidate.last);
    items.push_back({turn, up_to[last + 1] - up_to[first], &candidate.fragment});
  }
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return std::make_pair(a.turn, -a.macs) < std::make_pair(b.turn, -b.macs);
  });
  Pending pending;
  for (const Item& item : items) {
    pending.fragments.push_back(FoldBatchNorm(Unmade(*item.fragment)));
    pending.of_original += item.turn == 0 ? 1 : 0;
  }
  return pending;
}

// Times some fragments: their weights live for this alone. The table goes on with its bases.
Expected<void> TimeFragments(RunServices& run, std::span<const Network> fragments,
                             LatencyTable& table) {
  std::vector<Network> made;
  for (const Network& each : fragments) made.push_back(Unmade(each));
  NACRE_TRY(const ArtifactHash hash, run.materials.PutNetworks(made));
  NACRE_TRY(const JobResult done, run.jobs.Do(TableSpec(hash, table, run.config.target)));
  NACRE_TRY(LatencyTable part, ReadTablePart(done));
  part.entries.merge(table.entries);
  table = std::move(part);
  return {};
}

// Fragments begin..end of all that are pending.
struct Group {
  size_t begin = 0, end = 0;
};

// A few fragments each, so that a kill loses little, and no more weights than fit in a little
// memory.
std::vector<Group> GroupsOf(const std::vector<Network>& fragments) {
  std::vector<Group> groups;
  double bytes = 0;
  for (size_t i = 0; i < fragments.size(); ++i) {
    const auto own = static_cast<double>(SerializedSize(fragments[i]));
    const bool full = groups.empty() || bytes + own > shares::kFragmentBytesPerJob ||
                      i - groups.back().begin >= static_cast<size_t>(shares::kFragmentsPerJob);
    if (full) {
      groups.push_back({i, i});
      bytes = 0;
    }
    groups.back().end = i + 1;
    bytes += own;
  }
  return groups;
}

// What there is no time for has no latency, and its candidates are not used.
Expected<LatencyTable> FillTable(RunServices& run, const Ingested& in, const Space& space) {
  NACRE_TRY(LatencyTable table, StartTable(run));
  const Pending pending = PendingOf(space, table);
  const std::vector<Group> groups = GroupsOf(pending.fragments);
  const size_t all = pending.fragments.size();
  const auto of_original = std::count_if(groups.begin(), groups.end(), [&](const Group& group) {
    return group.begin < pending.of_original;
  });
  const Pieces jobs{.name = "the table of " + in.teacher_hash + " " + run.Fingerprint(),
                    .all = groups.size(),
                    .least = static_cast<size_t>(of_original),
                    .end = run.budget.Part(Seconds(0), run.budgets.front()).At(shares::kTableEnds)};
  size_t timed = 0;
  const auto time = [&](size_t job) -> Expected<void> {
    const auto [begin, end] = groups[job];
    const auto part = std::span(pending.fragments).subspan(begin, end - begin);
    NACRE_CHECK_OK(TimeFragments(run, part, table));
    timed = end;
    run.progress.Update(static_cast<double>(timed) / static_cast<double>(all),
                        fmt::format("{} of {} fragments timed", timed, all));
    return {};
  };
  NACRE_CHECK_OK(DoInTime(run, jobs, time));
  if (timed < all) {
    Info(
        fmt::format("latency table: there is time for {} of {} fragments; candidates of the "
                    "others are left out",
                    timed, all));
  }
  return table;
}

}  // namespace

Expected<RatedSpace> PriceSpace(RunServices& run, const Ingested& in, const Baselines& baselines) {
  RatedSpace rated;
  NACRE_TRY(rated.space, BuildSpace(in.teacher, {.seed = run.config.seed}));
  NACRE_TRY(const LatencyTable table, FillTable(run, in, rated.space));
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
