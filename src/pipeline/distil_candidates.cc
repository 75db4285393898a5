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

// As many candidates as can each see kDistillLeastImages in the stage's time. `affordable`:
// multiply-accumulates of the forward pass that can be trained in that time.
Plan PlanDistillation(const RatedSpace& rated, double teacher_macs, double macs_per_second,
                      double affordable) {
  Plan plan;
  const double overhead = priors::kTeacherCostOfChunk * teacher_macs / shares::kCandidatesPerJob +
                          priors::kSmallOperationCost * macs_per_second;
  double macs = 0;
  for (const size_t candidate : InOrderOfPromise(rated)) {
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
int64_t ScoreImages(RunServices& run, const Ingested& in, double macs_per_second,
                    size_t candidates) {
  const double seconds = shares::kScores * run.budgets.front().count();
  const double forwards =
      seconds * priors::kForwardOverTraining * macs_per_second / in.teacher_macs();
  const auto images = static_cast<int64_t>(forwards / (2.0 * static_cast<double>(candidates + 1)));
  return std::clamp(images / 64 * 64, static_cast<int64_t>(priors::kScoreLeastImages),
                    static_cast<int64_t>(priors::kScoreMostImages));
}

}  // namespace

Expected<double> MeasureTrainingSpeed(RunServices& run, const Ingested& in) {
  NACRE_TRY(const JobResult done,
            run.jobs.Do(SpeedSpec(in.teacher_hash, in.train->hash, run.compute)));
  return ReadSpeed(done);
}

Expected<DistilledSpace> DistilCandidates(RunServices& run, const Ingested& in,
                                          double macs_per_second, RatedSpace rated) {
  const double affordable = shares::kDistillation * run.budgets.front().count() * macs_per_second;
  const Plan plan = PlanDistillation(rated, in.teacher_macs(), macs_per_second, affordable);
  Info(fmt::format("training speed {:.1f} GMAC/s; distilling {} candidates, {} images each",
                   macs_per_second / 1e9, plan.candidates.size(), plan.images));
  const auto chunks = Chunks(plan.candidates);
  const int64_t images = std::min(plan.images, static_cast<int64_t>(priors::kDistillSetImages));
  std::vector<JobSpec> jobs;
  for (const auto& chunk : chunks) {
    NACRE_TRY(const CandidatesJob job, JobOf(run, in, rated.space, chunk, images));
    jobs.push_back(DistillSpec(job, plan.images));
  }
  const auto results = run.jobs.Do(jobs, [&](size_t ended) {
    run.progress.Update(static_cast<double>(ended) / static_cast<double>(jobs.size()),
                        fmt::format("{} of {} groups of candidates", ended, jobs.size()));
  });
  DistilledSpace distilled{.rated = std::move(rated)};
  for (size_t c = 0; c < chunks.size(); ++c) {
    NACRE_TRY(const JobResult done, results[c]);
    NACRE_CHECK_OK(TakeOver(run, done, chunks[c], distilled));
  }
  return distilled;
}

Expected<RatedSpace> ScoreCandidates(RunServices& run, const Ingested& in, double macs_per_second,
                                     DistilledSpace distilled) {
  RatedSpace rated = std::move(distilled.rated);
  const int64_t images = ScoreImages(run, in, macs_per_second, distilled.learned.size());
  const auto chunks = Chunks(distilled.learned);
  std::vector<JobSpec> jobs;
  for (const auto& chunk : chunks) {
    NACRE_TRY(const CandidatesJob job, JobOf(run, in, rated.space, chunk, images));
    jobs.push_back(ScoreSpec(job));
  }
  const auto results = run.jobs.Do(jobs, [&](size_t ended) {
    run.progress.Update(static_cast<double>(ended) / static_cast<double>(jobs.size()),
                        "scoring candidates");
  });
  for (size_t c = 0; c < chunks.size(); ++c) {
    NACRE_TRY(const JobResult done, results[c]);
    const auto scores = ReadScores(done);
    for (size_t i = 0; i < chunks[c].size(); ++i) {
      rated.space.candidates[chunks[c][i]].score = scores.at(i);
    }
  }
  return rated;
}

}  // namespace nacre
