// Steps 3 and 4: every candidate learns its span, then is scored in the intact teacher.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/hash.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "graph/shapes.h"
#include "onnx/onnx.h"
#include "pipeline/context.h"

namespace nacre {
namespace {

constexpr size_t kCandidatesPerJob = 16;
constexpr int64_t kMostScoreImages = 1024, kLeastScoreImages = 128;
constexpr double kScoreShare = 0.04;  // of the budget
constexpr double kForwardOverTraining = 3;
constexpr double kLeastImages = 1500;

// Speed of training in multiply-accumulates of the forward pass per second, from a few steps of the
// original.
Expected<double> TrainingSpeed(Context& context) {
  const std::string key = Hasher()
                              .Add("speed")
                              .Add(StructuralHash(context.teacher))
                              .Add(static_cast<int64_t>(context.Workers()))
                              .Digest();
  const auto job = Once(context, "speed", key, [&]() -> Expected<Job> {
    NACRE_TRY(const Cost cost, CostOf(context.teacher));
    TrainOptions options{.batch = 128,
                         .relative_rate = 0,
                         .learning_rate = 0,
                         .distill = 0,
                         .bf16 = context.bf16,
                         .threads = context.Workers()};
    options.epochs = 12.0 * options.batch / context.train.count();
    NACRE_TRY(const TrainResult result, Train(context.teacher, context.train, nullptr, options));
    return Job{.result = nlohmann::json(result.images_per_second * cost.macs).dump()};
  });
  if (!job) return tl::unexpected<Error>(job.error());
  return nlohmann::json::parse(job->result).get<double>();
}

struct Plan {
  std::vector<int> candidates;  // to distill, by span
  int64_t images = 0;           // shown to each, counting repeats
};

// As many candidates as can each see kLeastImages in the stage's time; the cheapest per span stay
// longest, since they are what makes a network faster.
Expected<Plan> PlanDistillation(const Context& context, double seconds) {
  const auto& candidates = context.space.candidates;
  std::vector<std::pair<double, int>> by_rank;  // (rank inside the span, candidate)
  std::map<std::pair<int, int>, std::vector<int>> spans;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (context.useful[i] && candidates[i].kind != "keep") {
      spans[{candidates[i].first, candidates[i].last}].push_back(static_cast<int>(i));
    }
  }
  double Usage::*const figure = context.Figure();
  for (auto& [span, members] : spans) {
    std::sort(members.begin(), members.end(),
              [&](int a, int b) { return context.usages[a].*figure < context.usages[b].*figure; });
    for (size_t rank = 0; rank < members.size(); ++rank) {
      by_rank.emplace_back(static_cast<double>(rank) / members.size(), members[rank]);
    }
  }
  // Interleaved over the spans, so that a shortened list still offers every speed of every span.
  std::stable_sort(by_rank.begin(), by_rank.end(), [](const auto& a, const auto& b) {
    return std::fmod(a.first * 3.0, 1.0) < std::fmod(b.first * 3.0, 1.0);
  });
  Plan plan;
  NACRE_TRY(const Cost teacher, CostOf(context.teacher));
  double macs = 0;
  for (const auto& [rank, index] : by_rank) {
    const auto cost = CostOf(candidates[index].fragment);
    if (!cost) continue;
    const double more = static_cast<double>(cost->macs) + 0.4 * teacher.macs / kCandidatesPerJob +
                        1e-3 * context.macs_per_second / 20;  // small operations cost time too
    if (!plan.candidates.empty() &&
        seconds * context.macs_per_second / (macs + more) < kLeastImages)
      break;
    macs += more;
    plan.candidates.push_back(index);
  }
  plan.images = std::clamp<int64_t>(
      static_cast<int64_t>(seconds * context.macs_per_second / std::max(macs, 1.0)), 512, 40000);
  std::sort(plan.candidates.begin(), plan.candidates.end());
  return plan;
}

// Every candidate runs through the whole original twice; as many images as the stage's time allows.
Expected<int64_t> ScoreImages(const Context& context, size_t candidates) {
  NACRE_TRY(const Cost teacher, CostOf(context.teacher));
  const double forwards = kScoreShare * context.config.budget.count() * kForwardOverTraining *
                          context.macs_per_second / static_cast<double>(teacher.macs);
  const auto images = static_cast<int64_t>(forwards / (2.0 * static_cast<double>(candidates + 1)));
  return std::clamp(images / 64 * 64, kLeastScoreImages, kMostScoreImages);
}

// The random order decides which images distil and which score; the same for all candidates.
// `most`: images of the part.
ImageSet Part(const Context& context, bool scoring, int64_t most) {
  std::vector<int64_t> order(context.train.count());
  std::iota(order.begin(), order.end(), int64_t{0});
  Random(context.config.seed).Fork("distill").Shuffle(order);
  const int64_t held = std::min<int64_t>(kMostScoreImages, context.train.count() / 4);
  if (scoring) return context.train.Subset({order.begin(), order.begin() + std::min(most, held)});
  const int64_t count = std::min<int64_t>(most, context.train.count() - held);
  return context.train.Subset({order.begin() + held, order.begin() + held + count});
}

SpanJob JobOf(const Context& context, int index) {
  const Candidate& candidate = context.space.candidates[index];
  return {context.space.blocks[candidate.first].input, context.space.blocks[candidate.last].output,
          candidate.fragment};
}

Expected<Job> DistillChunk(Context& context, const std::vector<int>& chunk, const ImageSet& images,
                           const DistillOptions& options) {
  std::vector<SpanJob> jobs;
  for (int index : chunk) jobs.push_back(JobOf(context, index));
  NACRE_TRY(const auto results, DistillSpans(context.teacher, jobs, images, options));
  Job job;
  nlohmann::json json = nlohmann::json::array();
  for (const auto& result : results) {
    if (!result) {
      json.push_back({{"error", result.error().message}});
      job.artifacts.push_back("");
      continue;
    }
    json.push_back({{"loss", result->error}});
    NACRE_TRY(const std::string hash, context.run->PutArtifact(SerializeOnnx(result->fragment)));
    job.artifacts.push_back(hash);
  }
  job.result = json.dump();
  return job;
}

std::string ChunkKey(const Context& context, const char* kind, const std::vector<int>& chunk,
                     int64_t images) {
  Hasher key;
  key.Add(kind).Add(StructuralHash(context.teacher, true)).Add(context.train.hash).Add(images);
  for (int index : chunk) key.Add(StructuralHash(context.space.candidates[index].fragment, true));
  return key.Digest();
}

}  // namespace

Expected<void> DistillCandidates(Context& context) {
  NACRE_TRY(context.macs_per_second, TrainingSpeed(context));
  context.scores.assign(context.space.candidates.size(), -1);
  for (size_t i = 0; i < context.scores.size(); ++i) {
    if (context.space.candidates[i].kind == "keep") context.scores[i] = 0;
  }
  const double seconds = 0.11 * context.config.budget.count();
  NACRE_TRY(const Plan plan, PlanDistillation(context, seconds));
  const ImageSet images = Part(context, false, std::min<int64_t>(plan.images, 8192));
  DistillOptions options{
      .images = images.count(), .bf16 = context.bf16, .threads = context.Workers()};
  options.epochs = std::max(1.0, static_cast<double>(plan.images) / images.count());
  options.seed = context.config.seed;
  options.progress = [](double) { return !InterruptRequested(); };
  Info(fmt::format("training speed {:.1f} GMAC/s; distilling {} candidates, {} images each",
                   context.macs_per_second / 1e9, plan.candidates.size(), plan.images));
  std::vector<std::vector<int>> chunks;
  for (size_t i = 0; i < plan.candidates.size(); ++i) {
    if (i % kCandidatesPerJob == 0) chunks.emplace_back();
    chunks.back().push_back(plan.candidates[i]);
  }
  for (size_t c = 0; c < chunks.size(); ++c) {
    const std::string key = ChunkKey(context, "distill", chunks[c], plan.images);
    const auto job = Once(context, "distill", key,
                          [&] { return DistillChunk(context, chunks[c], images, options); });
    if (!job) return tl::unexpected<Error>(job.error());
    for (size_t i = 0; i < chunks[c].size(); ++i) {
      if (job->artifacts[i].empty()) continue;
      NACRE_TRY(const std::string bytes, context.run->GetArtifact(job->artifacts[i]));
      NACRE_TRY(context.space.candidates[chunks[c][i]].fragment, ParseOnnx(bytes));
      context.scores[chunks[c][i]] = 0;  // to be scored
    }
    context.progress->Update(static_cast<double>(c + 1) / chunks.size(),
                             fmt::format("{} of {} groups of candidates", c + 1, chunks.size()));
  }
  return {};
}

Expected<void> ScoreCandidates(Context& context) {
  std::vector<int> open;
  for (size_t i = 0; i < context.scores.size(); ++i) {
    if (context.scores[i] == 0 && context.space.candidates[i].kind != "keep") {
      open.push_back(static_cast<int>(i));
    }
  }
  NACRE_TRY(const int64_t count, ScoreImages(context, open.size()));
  const ImageSet images = Part(context, true, count);
  for (size_t begin = 0; begin < open.size(); begin += kCandidatesPerJob) {
    const size_t end = std::min(open.size(), begin + kCandidatesPerJob);
    const std::vector<int> chunk(open.begin() + begin, open.begin() + end);
    const auto job =
        Once(context, "score", ChunkKey(context, "score", chunk, images.count()),
             [&]() -> Expected<Job> {
               std::vector<SpanJob> jobs;
               for (int index : chunk) jobs.push_back(JobOf(context, index));
               NACRE_TRY(const auto results,
                         ScoreReplacements(context.teacher, jobs, images, context.Workers()));
               nlohmann::json json = nlohmann::json::array();
               for (const auto& result : results)
                 json.push_back(result ? result->divergence : -1.0);
               return Job{.result = json.dump()};
             });
    if (!job) return tl::unexpected<Error>(job.error());
    const auto json = nlohmann::json::parse(job->result);
    for (size_t i = 0; i < chunk.size(); ++i) context.scores[chunk[i]] = json[i].get<double>();
    context.progress->Update(static_cast<double>(end) / open.size(), "scoring candidates");
  }
  return {};
}

}  // namespace nacre
