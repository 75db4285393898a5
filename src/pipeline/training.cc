#include "pipeline/training.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/interrupt.h"
#include "onnx/onnx.h"
#include "task/accuracy.h"

namespace nacre {
namespace {

constexpr double kEpochsPerSegment = 4;
constexpr double kEnd =
    0.1;  // of the steps: under fake quantisation, where that is needed (decision 22)
constexpr Seconds kLogEvery{5};
constexpr double kHint = 10;  // decision 11

TrainOptions OptionsFor(const Context& context, const Training& training) {
  TrainOptions options{.epochs = training.epochs};
  options.relative_rate *= training.rate;
  options.learning_rate *= training.rate;
  options.deadline = training.deadline;
  options.clock = &context.budget->clock();
  options.seed = context.config.seed;
  options.threads = context.Workers();
  options.bf16 = context.bf16;
  options.hint = kHint;
  options.augmentation = context.teacher_outputs.augmentation;
  return options;
}

Expected<double> ValidationAccuracy(const Context& context, const Network& network) {
  NACRE_TRY(const Tensor logits, Predict(network, context.validation));
  return TopOne(logits, context.validation.labels).value;
}

struct Segment {
  int64_t begin = 0, end = 0, total = 0;  // steps
  std::string state;                      // of the optimizer, from the segment before
};

// Artifacts: network, state. The network goes in as it came out of the segment before.
Expected<Job> TrainSegment(Context& context, const std::string& name, const Network& network,
                           TrainOptions options, const Segment& segment) {
  options.stop_after = segment.end < segment.total ? segment.end : 0;
  options.resume_state = segment.state;
  Seconds logged{0};
  options.progress = [&, logged](const TrainProgress& at) mutable {
    // For who watches only: a disk that is full stops the run when the job ends.
    if (const Seconds now = context.budget->clock().Now(); now - logged >= kLogEvery) {
      (void)context.run->LogScalar("loss/" + name, at.step, at.loss);
      logged = now;
    }
    context.progress->Update(
        static_cast<double>(at.step) / std::max<int64_t>(1, at.steps),
        fmt::format("{}: loss {:.3f}, {:.0f} images/s", name, at.loss, at.images_per_second));
    return !InterruptRequested();
  };
  NACRE_TRY(const TrainResult result,
            Train(network, context.train, &context.teacher_outputs, options));
  nlohmann::json json{{"loss", result.loss}, {"images_per_second", result.images_per_second}};
  if (result.state.empty()) {
    NACRE_TRY(json["accuracy"], ValidationAccuracy(context, result.network));
    for (const auto& [value, range] : result.ranges) json["ranges"][value] = range;
  }
  NACRE_TRY(const std::string network_hash,
            context.run->PutArtifact(SerializeOnnx(result.network)));
  NACRE_TRY(const std::string state_hash, context.run->PutArtifact(result.state));
  return Job{.result = json.dump(), .artifacts = {network_hash, state_hash}};
}

Expected<TrainedNetwork> OnlyRecalibrated(Context& context, const std::string& key,
                                          const Network& network) {
  const auto job = OnceSurviving(context, "recalibrate", key, [&]() -> Expected<Job> {
    const ImageSet images = Sample(context.train, 2048, context.config.seed);
    NACRE_TRY(const Network fresh, RecalibrateBatchNorm(network, images));
    NACRE_TRY(const double accuracy, ValidationAccuracy(context, fresh));
    NACRE_TRY(const std::string hash, context.run->PutArtifact(SerializeOnnx(fresh)));
    return Job{.result = nlohmann::json{{"accuracy", accuracy}}.dump(), .artifacts = {hash}};
  });
  if (!job) return tl::unexpected<Error>(job.error());
  return TrainedNetwork{job->artifacts[0], nlohmann::json::parse(job->result)["accuracy"], 0};
}

TrainedNetwork TrainedBy(const Job& job, const nlohmann::json& json, double images_per_second) {
  TrainedNetwork trained{job.artifacts[0], json["accuracy"], images_per_second};
  if (!json.contains("ranges")) return trained;
  for (const auto& [value, range] : json["ranges"].items())
    trained.ranges[value] = {range[0], range[1]};
  return trained;
}

// What the training ends with is decided once, so that a resumed run ends it the same way.
Expected<int> BitsOfEnd(Context& context, const std::string& identity, const Network& network,
                        const Training& training) {
  NACRE_TRY(const Job job,
            Once(context, "ends-with-bits", identity + "-bits", [&]() -> Expected<Job> {
              NACRE_TRY(const int bits, training.ends_with_bits(network));
              return Job{.result = std::to_string(bits)};
            }));
  return std::stoi(job.result);
}

}  // namespace

Expected<TrainedNetwork> DistilNetwork(Context& context, const std::string& name,
                                       const Network& network, const Training& training) {
  const std::string identity = Hasher()
                                   .Add("train")
                                   .Add(StructuralHash(network, true))
                                   .Add(context.train.hash)
                                   .Add(context.teacher_outputs.variants)
                                   .Add(context.teacher_outputs.width)
                                   .Add(training.epochs)
                                   .Add(training.rate)
                                   .Digest();
  if (training.epochs <= 0) return OnlyRecalibrated(context, identity, network);
  TrainOptions options = OptionsFor(context, training);
  const double steps_per_epoch = std::ceil(1.0 * context.train.count() / options.batch);
  const auto total = std::max<int64_t>(1, std::llround(training.epochs * steps_per_epoch));
  const auto length = static_cast<int64_t>(kEpochsPerSegment * steps_per_epoch);
  const int64_t end =
      training.ends_with_bits ? total - std::llround(kEnd * static_cast<double>(total)) : total;
  Network current = network;
  Segment segment{.total = total};
  double images_per_second = 0;  // in floats
  for (;; segment.begin = segment.end) {
    segment.end = std::min(segment.begin < end ? end : total, segment.begin + length);
    if (segment.begin == end) {
      NACRE_TRY(options.weight_bits, BitsOfEnd(context, identity, current, training));
      options.bf16 = options.bf16 && options.weight_bits == 0;
    }
    const auto job =
        OnceSurviving(context, "train", fmt::format("{}-{}", identity, segment.begin),
                      [&] { return TrainSegment(context, name, current, options, segment); });
    if (!job) return tl::unexpected<Error>(job.error());
    const auto json = nlohmann::json::parse(job->result);
    if (options.weight_bits == 0) images_per_second = json["images_per_second"];
    if (json.contains("accuracy")) return TrainedBy(*job, json, images_per_second);
    NACRE_TRY(const std::string bytes, context.run->GetArtifact(job->artifacts[0]));
    NACRE_TRY(current, ParseOnnx(bytes));
    NACRE_TRY(segment.state, context.run->GetArtifact(job->artifacts[1]));
  }
}

}  // namespace nacre
