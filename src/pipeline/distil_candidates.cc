#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/log.h"
#include "engine/jobs/distill_job.h"
#include "engine/jobs/speed_job.h"
#include "engine/shares.h"
#include "forecast/priors.h"
#include "graph/shapes.h"
#include "pipeline/rate_space.h"
#include "pipeline/stage_time.h"
#include "space/rated.h"

namespace nacre {
namespace {

// Candidates to distil, in their order, and the images that each sees, counting repeats.
struct Plan {
  std::vector<size_t> candidates;
  int64_t images = 0;
};

// The useful candidates, interleaved over the spans, so that a shortened list still offers every
// speed of every span; of each span the cheapest come early, as they make a network faster.
std::vector<size_t> InOrderOfPromise(const RatedSpace& rated) {
  const auto& candidates = rated.space.candidates;
  const Objective objective = rated.pricing.objective;
  std::map<std::pair<int, int>, std::vector<size_t>> spans;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i].candidate;
    if (IsKeep(candidate) || !IsUseful(rated.space, objective, i)) continue;
    spans[{candidate.first, candidate.last}].push_back(i);
  }
  std::vector<std::pair<double, size_t>> ranked;  // rank inside the span in [0, 1), candidate
  for (auto& [span, members] : spans) {
    std::sort(members.begin(), members.end(), [&](size_t a, size_t b) {
      return Of(objective, *candidates[a].usage) < Of(objective, *candidates[b].usage);
    });
    for (size_t rank = 0; rank < members.size(); ++rank) {
      ranked.emplace_back(static_cast<double>(rank) / static_cast<double>(members.size()),
                          members[rank]);
    }
  }
  const auto turn = [](double rank) { return std::fmod(rank * 3.0, 1.0); };
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&](const auto& a, const auto& b) { return turn(a.first) < turn(b.first); });
  std::vector<size_t> order;
  for (const auto& [rank, candidate] : ranked) order.push_back(candidate);
  return order;
}

// As many candidates of the order as can each see kDistillLeastImages in the stage's time.
// `affordable`: multiply-accumulates of the forward pass that can be trained in that time.
Plan PlanOf(const RatedSpace& rated, const std::vector<size_t>& order, double overhead,
            double affordable) {
  Plan plan;
  double macs = 0;
  for (const size_t candidate : order) {
    const auto cost = CostOf(rated.space.candidates[candidate].candidate.fragment);
    if (!cost) continue;
    const double more = static_cast<double>(cost->macs) + overhead;
    const bool too_many = affordable / (macs + more) < priors::kDistillLeastImages;
    if (!plan.candidates.empty() && too_many) break;
    macs += more;
    plan.candidates.push_back(candidate);
  }
  plan.images = std::clamp(static_cast<int64_t>(affordable / std::max(macs, 1.0)),
                           static_cast<int64_t>(priors::kDistillFewestImages),
                           static_cast<int64_t>(priors::kDistillMostImages));
  std::sort(plan.candidates.begin(), plan.candidates.end());
  return plan;
}

// With time for less than a third of the candidates, those that begin with trained layers come
// first: fresh ones would learn too little.
Plan PlanDistillation(const RatedSpace& rated, double teacher_macs, double macs_per_second,
                      double affordable) {
  const double overhead = priors::kTeacherCostOfChunk * teacher_macs / shares::kCandidatesPerJob +
                          priors::kSmallOperationCost * macs_per_second;
  std::vector<size_t> order = InOrderOfPromise(rated);
  const Plan plan = PlanOf(rated, order, overhead, affordable);
  if (3 * plan.candidates.size() >= order.size()) return plan;
  std::stable_partition(order.begin(), order.end(),
                        [&](size_t i) { return Inherits(rated.space.candidates[i].candidate); });
  return PlanOf(rated, order, overhead, affordable);
}

std::vector<std::vector<size_t>> Chunks(const std::vector<size_t>& candidates) {
  std::vector<std::vector<size_t>> chunks;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (i % static_cast<size_t>(shares::kCandidatesPerJob) == 0) chunks.emplace_back();
    chunks.back().push_back(candidates[i]);
  }
  return chunks;
}

Expected<CandidatesJob> JobOf(RunServices& run, const Ingested& in, const Space& space,
                              const std::vector<size_t>& chunk, int64_t images) {
  CandidatesJob job{.teacher = in.teacher_hash,
                    .images = in.train->hash,
                    .count = images,
                    .seed = run.config.seed};
  std::vector<Network> fragments;
  for (const size_t i : chunk) {
    const Candidate& candidate = space.candidates[i].candidate;
    job.spans.push_back({space.blocks[candidate.first].input, space.blocks[candidate.last].output});
    fragments.push_back(Unmade(candidate.fragment));
  }
  NACRE_TRY(job.fragments, run.materials.PutNetworks(fragments));
  return job;
}

Expected<void> TakeOver(RunServices& run, const JobResult& result, const std::vector<size_t>& chunk,
                        DistilledSpace& distilled) {
  const Distilled group = ReadDistilled(result);
  NACRE_TRY(std::vector<Network> fragments, run.materials.GetNetworks(group.fragments));
  for (size_t i = 0; i < chunk.size(); ++i) {
    if (!group.places[i]) continue;
    distilled.rated.space.candidates[chunk[i]].candidate.fragment =
        std::move(fragments.at(*group.places[i]));
    distilled.learned.push_back(chunk[i]);
  }
  return {};
}

// Every candidate runs through the whole original twice; as many images as the stage's time allows.
// `affordable` as in PlanDistillation.
int64_t ScoreImages(const Ingested& in, double affordable, size_t candidates) {
  const double forwards = priors::kForwardOverTraining * affordable / in.teacher_macs();
  const auto images = static_cast<int64_t>(forwards / (2.0 * static_cast<double>(candidates + 1)));
  return std::clamp(images / 64 * 64, static_cast<int64_t>(priors::kScoreLeastImages),
                    static_cast<int64_t>(priors::kScoreMostImages));
}

// Groups of candidates, for which `seconds` are planned from now on.
Pieces GroupsOf(const RunServices& run, const Ingested& in, const std::string& what, size_t groups,
                double seconds) {
  return {.name = what + " of " + in.teacher_hash + " " + in.train->hash,
          .all = groups,
          .end = run.budget.clock().Now() + Seconds(shares::kStageSlack * seconds)};
}

void ReportGroup(RunServices& run, size_t done, size_t all, const char* what) {
  run.progress.Update(static_cast<double>(done) / static_cast<double>(all),
                      fmt::format("{} of {} groups of candidates {}", done, all, what));
}

}  // namespace

Expected<double> MeasureTrainingSpeed(RunServices& run, const Ingested& in) {
  NACRE_TRY(const JobResult done,
            run.jobs.Do(SpeedSpec(in.teacher_hash, in.train->hash, run.compute)));
  return ReadSpeed(done);
}

Expected<DistilledSpace> DistilCandidates(RunServices& run, const Ingested& in,
                                          double macs_per_second, RatedSpace rated) {
  NACRE_TRY(const double share, ShareLeft(run, in.teacher_hash));
  const double seconds = share * shares::kDistillation * run.budgets.front().count();
  const Plan plan =
      PlanDistillation(rated, in.teacher_macs(), macs_per_second, seconds * macs_per_second);
  Info(fmt::format("training speed {:.1f} GMAC/s; distilling {} candidates, {} images each",
                   macs_per_second / 1e9, plan.candidates.size(), plan.images));
  const auto chunks = Chunks(plan.candidates);
  const int64_t images = std::min(plan.images, static_cast<int64_t>(priors::kDistillSetImages));
  DistilledSpace distilled{.rated = std::move(rated)};
  const auto distil = [&](size_t chunk) -> Expected<void> {
    NACRE_TRY(const CandidatesJob job,
              JobOf(run, in, distilled.rated.space, chunks[chunk], images));
    NACRE_TRY(const JobResult done, run.jobs.Do(DistillSpec(job, plan.images)));
    ReportGroup(run, chunk + 1, chunks.size(), "distilled");
    return TakeOver(run, done, chunks[chunk], distilled);
  };
  NACRE_TRY(const size_t done,
            DoInTime(run, GroupsOf(run, in, "distillation", chunks.size(), seconds), distil));
  if (done < chunks.size()) {
    Info(fmt::format("there is time to distil {} of {} groups of candidates", done, chunks.size()));
  }
  return distilled;
}

Expected<RatedSpace> ScoreCandidates(RunServices& run, const Ingested& in, double macs_per_second,
                                     DistilledSpace distilled) {
  RatedSpace rated = std::move(distilled.rated);
  NACRE_TRY(const double share, ShareLeft(run, in.teacher_hash));
  const double seconds = share * shares::kScores * run.budgets.front().count();
  const int64_t images = ScoreImages(in, seconds * macs_per_second, distilled.learned.size());
  const auto chunks = Chunks(distilled.learned);
  const auto score = [&](size_t chunk) -> Expected<void> {
    NACRE_TRY(const CandidatesJob job, JobOf(run, in, rated.space, chunks[chunk], images));
    NACRE_TRY(const JobResult done, run.jobs.Do(ScoreSpec(job)));
    const auto scores = ReadScores(done);
    for (size_t i = 0; i < chunks[chunk].size(); ++i) {
      rated.space.candidates[chunks[chunk][i]].score = scores.at(i);
    }
    ReportGroup(run, chunk + 1, chunks.size(), "scored");
    return {};
  };
  NACRE_CHECK_OK(DoInTime(run, GroupsOf(run, in, "scores", chunks.size(), seconds), score));
  return rated;
}

}  // namespace nacre
