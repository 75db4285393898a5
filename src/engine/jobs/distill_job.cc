#include "engine/jobs/distill_job.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/random.h"
#include "forecast/priors.h"
#include "train/batch_size.h"
#include "train/distill.h"
#include "train/score.h"

namespace nacre {
namespace {

using Json = nlohmann::json;

JobSpec SpecOf(const CandidatesJob& job, const char* kind, Json parameters) {
  Json spans = Json::array();
  for (const SpanEnds& span : job.spans) spans.push_back({span.input, span.output});
  parameters["spans"] = spans;
  parameters["images"] = job.images;
  parameters["count"] = job.count;
  parameters["seed"] = job.seed;
  return {.kind = kind,
          .version = 2,  // distillation begins at the least-squares solution
          .parameters = parameters.dump(),
          .inputs = {job.teacher, job.fragments},
          .label = "a group of candidates"};
}

// A random order, the same for all candidates, decides which images distil and which score.
ImageSet Part(const ImageSet& train, const Json& parameters, bool scoring) {
  std::vector<int64_t> order(static_cast<size_t>(train.count()));
  std::iota(order.begin(), order.end(), int64_t{0});
  Random(parameters["seed"].get<uint64_t>()).Fork("distill").Shuffle(order);
  const auto most_held = static_cast<int64_t>(priors::kScoreMostImages);
  const int64_t held = std::min(most_held, train.count() / 4);
  const int64_t begin = scoring ? 0 : held;
  const int64_t end = scoring ? held : train.count();
  const int64_t count = std::min(parameters["count"].get<int64_t>(), end - begin);
  return train.Subset({order.begin() + begin, order.begin() + begin + count});
}

Expected<std::vector<SpanJob>> SpanJobs(const JobSpec& job, const Json& spans,
                                        const Workplace& place) {
  NACRE_TRY(std::vector<Network> fragments, place.materials.GetNetworks(job.inputs.at(1)));
  std::vector<SpanJob> jobs;
  for (size_t i = 0; i < fragments.size(); ++i) {
    jobs.push_back({spans[i][0], spans[i][1], std::move(fragments[i])});
  }
  return jobs;
}

}  // namespace

JobSpec DistillSpec(const CandidatesJob& job, int64_t shown) {
  return SpecOf(job, "distill", {{"shown", shown}});
}

JobSpec ScoreSpec(const CandidatesJob& job) { return SpecOf(job, "score", Json::object()); }

Distilled ReadDistilled(const JobResult& result) {
  Distilled distilled{.fragments = result.artifacts.at(0)};
  size_t next = 0;
  for (const Json& entry : Json::parse(result.value)) {
    distilled.places.emplace_back();
    if (!entry.contains("error")) distilled.places.back() = next++;
  }
  return distilled;
}

std::vector<std::optional<double>> ReadScores(const JobResult& result) {
  std::vector<std::optional<double>> scores;
  for (const Json& entry : Json::parse(result.value)) {
    scores.emplace_back();
    if (!entry.is_null()) scores.back() = entry.get<double>();
  }
  return scores;
}

Expected<JobResult> RunDistill(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto train, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto teacher, place.materials.GetNetwork(job.inputs.at(0)));
  NACRE_TRY(const auto jobs, SpanJobs(job, parameters["spans"], place));
  const ImageSet images = Part(*train, parameters, /*scoring=*/false);
  DistillOptions options{.images = images.count()};
  options.compute = place.compute;
  const double shown = parameters["shown"];
  options.epochs = std::max(1.0, shown / static_cast<double>(images.count()));
  options.batch = BatchFor(images.preprocess, static_cast<int64_t>(shown),
                           static_cast<int64_t>(priors::kDistillUpdates));
  options.seed = parameters["seed"];
  options.progress = [&](double) { return !place.hooks.Cancelled(); };
  NACRE_TRY(auto results, DistillSpans(*teacher, jobs, images, options));
  Json value = Json::array();
  std::vector<Network> fragments;
  for (auto& result : results) {
    if (!result) {
      value.push_back({{"error", result.error().message}});
      continue;
    }
    value.push_back({{"loss", result->error}});
    fragments.push_back(std::move(result->fragment));
  }
  NACRE_TRY(const ArtifactHash hash, place.materials.PutNetworks(fragments));
  return JobResult{.value = value.dump(), .artifacts = {hash}};
}

Expected<JobResult> RunScore(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto train, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto teacher, place.materials.GetNetwork(job.inputs.at(0)));
  NACRE_TRY(const auto jobs, SpanJobs(job, parameters["spans"], place));
  const ImageSet images = Part(*train, parameters, /*scoring=*/true);
  NACRE_TRY(const auto results, ScoreReplacements(*teacher, jobs, images, place.compute,
                                                  place.materials.task()->form()));
  Json value = Json::array();
  for (const auto& result : results) {
    value.push_back(result ? Json(result->divergence) : Json(nullptr));
  }
  return JobResult{.value = value.dump()};
}

}  // namespace nacre
