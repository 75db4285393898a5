#include <cstring>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "graph/shapes.h"
#include "pipeline/training.h"

namespace nacre {
namespace {

constexpr double kShareOfBudget = 0.07;
constexpr double kForwardOverTraining = 3;  // inference is about three times as fast as training

int64_t Variants(const Context& context, int64_t teacher_macs) {
  const double seconds = kShareOfBudget * context.config.budget.count();
  const double images = seconds * kForwardOverTraining * context.macs_per_second / teacher_macs;
  return std::clamp<int64_t>(static_cast<int64_t>(images / context.train.count()), 2, 16);
}

}  // namespace

Expected<void> PrepareTeacherOutputs(Context& context) {
  NACRE_TRY(const Cost cost, CostOf(context.teacher));
  TeacherOptions options{.seed = context.config.seed, .threads = context.Workers()};
  options.augmentation.shift = std::max<int64_t>(1, context.config.preprocess.height / 8);
  options.variants = Variants(context, cost.macs);
  options.progress = [&](double fraction) {
    context.progress->Update(fraction, "teacher outputs for all images");
  };
  const std::string key = Hasher().Add("teacher").Add(StructuralHash(context.teacher, true))
                              .Add(context.train.hash).Add(options.variants).Digest();
  const auto job = Once(context, "teacher", key, [&]() -> Expected<Job> {
    NACRE_TRY(const TeacherOutputs outputs,
              PrecomputeTeacher(context.teacher, context.train, options));
    const std::string bytes(reinterpret_cast<const char*>(outputs.logits.data()),
                            outputs.logits.size() * sizeof(float));
    NACRE_TRY(const std::string hash, context.run->PutArtifact(bytes));
    return Job{.result = nlohmann::json{{"classes", outputs.classes}}.dump(), .artifacts = {hash}};
  });
  if (!job) return tl::unexpected<Error>(job.error());
  NACRE_TRY(const std::string bytes, context.run->GetArtifact(job->artifacts[0]));
  TeacherOutputs& outputs = context.teacher_outputs;
  outputs.seed = options.seed;
  outputs.variants = options.variants;
  outputs.classes = nlohmann::json::parse(job->result)["classes"].get<int64_t>();
  outputs.augmentation = options.augmentation;
  outputs.logits.resize(bytes.size() / sizeof(float));
  std::memcpy(outputs.logits.data(), bytes.data(), bytes.size());
  return {};
}

}  // namespace nacre
