#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "graph/shapes.h"
#include "pipeline/training.h"

namespace nacre {
namespace {

constexpr double kShareOfBudget = 0.07;
constexpr int64_t kBatch = 64;
constexpr double kMostBytes = 1 << 30;      // of outputs held in memory

// The teacher runs compiled and quantized, on all cores: it loses next to nothing and leaves time for more variants.
int64_t Variants(const Context& context) {
  const double seconds = kShareOfBudget * context.config.budget.count();
  const double images = seconds * context.Workers() / (1e-6 * context.int8_latency.count());
  const double bytes = 4.0 * static_cast<double>(context.train.count() * static_cast<int64_t>(context.train.classes.size()));
  const double most = std::min({images / static_cast<double>(context.train.count()), kMostBytes / bytes, 16.0});
  return std::max<int64_t>(1, static_cast<int64_t>(most));
}

// Batches of kBatch, the last one filled up: one static shape, as compilers like it.
std::function<Expected<Tensor>(const Tensor&)> Compiled(std::shared_ptr<CompiledNetwork> network) {
  return [network](const Tensor& images) -> Expected<Tensor> {
    const int64_t n = images.shape()[0];
    Shape shape = images.shape();
    shape[0] = kBatch;
    std::vector<float> padded(images.floats().begin(), images.floats().end());
    padded.resize(padded.size() / static_cast<size_t>(n) * kBatch);
    const Tensor batch = Tensor::Floats(shape, std::move(padded));
    NACRE_TRY(const auto outputs, network->Run(std::span(&batch, 1)));
    const int64_t classes = outputs.at(0).shape().back();
    const auto logits = outputs[0].floats();
    return Tensor::Floats({n, classes}, std::vector<float>(logits.begin(), logits.begin() + n * classes));
  };
}

}  // namespace

Expected<void> PrepareTeacherOutputs(Context& context) {
  TeacherOptions options{.seed = context.config.seed, .threads = context.Workers()};
  options.augmentation.shift = std::max<int64_t>(1, context.config.preprocess.height / 8);
  options.augmentation.cutout = 3 * context.config.preprocess.height / 8;  // decision 6
  options.variants = Variants(context);
  options.batch = kBatch;
  options.progress = [&](double fraction) {
    context.progress->Update(fraction, "teacher outputs for all images");
  };
  const std::string key = Hasher().Add("teacher").Add(StructuralHash(context.teacher, true))
                              .Add(context.train.hash).Add(options.variants)
                              .Add(options.augmentation.cutout).Digest();
  const auto job = Once(context, "teacher", key, [&]() -> Expected<Job> {
    const CompileOptions compile{Precision::kInt8, context.Workers(), kBatch};
    // A network of fixed batch cannot be compiled so: torch runs it.
    auto compiled = context.compiler->Compile(context.original_int8, compile);
    if (compiled) options.forward = Compiled(std::move(*compiled));
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
