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
constexpr double kMostBytes = 1 << 30;  // of outputs held in memory

// Variants that are shown with so many numbers about each image kept.
int64_t VariantsThatFit(const Context& context, int64_t numbers) {
  return static_cast<int64_t>(kMostBytes /
                              (4.0 * static_cast<double>(context.train.count() * numbers)));
}

// The teacher runs compiled and quantized, on all cores: it loses next to nothing and leaves time
// for more variants.
int64_t VariantsInTime(const Context& context) {
  const double seconds = kShareOfBudget * context.config.budget.count();
  const double images = seconds * context.Workers() / (1e-6 * context.int8_latency.count());
  return static_cast<int64_t>(std::min(images / static_cast<double>(context.train.count()), 16.0));
}

// Of what the teacher's classifier reads; 0: there is none.
int64_t FeatureWidth(const Network& teacher) {
  const auto shapes = InferShapes(teacher, 1);
  if (!shapes) return 0;
  const auto value = shapes->find(ClassifierInput(teacher));
  return value != shapes->end() && value->second.shape.size() == 2 ? value->second.shape[1] : 0;
}

std::string AsBytes(const std::vector<float>& floats) {
  return {reinterpret_cast<const char*>(floats.data()), floats.size() * sizeof(float)};
}

std::vector<float> Floats(const std::string& bytes) {
  std::vector<float> floats(bytes.size() / sizeof(float));
  if (!floats.empty()) std::memcpy(floats.data(), bytes.data(), bytes.size());
  return floats;
}

// The first n of [kBatch, columns].
Tensor Rows(const Tensor& tensor, int64_t n) {
  const int64_t columns = tensor.shape().back();
  const auto floats = tensor.floats();
  return Tensor::Floats({n, columns},
                        std::vector<float>(floats.begin(), floats.begin() + n * columns));
}

// Batches of kBatch, the last one filled up: one static shape, as compilers like it.
std::function<Expected<Taught>(const Tensor&)> Compiled(std::shared_ptr<CompiledNetwork> network) {
  return [network](const Tensor& images) -> Expected<Taught> {
    const int64_t n = images.shape()[0];
    Shape shape = images.shape();
    shape[0] = kBatch;
    std::vector<float> padded(images.floats().begin(), images.floats().end());
    padded.resize(padded.size() / static_cast<size_t>(n) * kBatch);
    const Tensor batch = Tensor::Floats(shape, std::move(padded));
    NACRE_TRY(const auto outputs, network->Run(std::span(&batch, 1)));
    Taught taught{.logits = Rows(outputs.at(0), n)};
    if (outputs.size() > 1) taught.features = Rows(outputs[1], n);
    return taught;
  };
}

// The quantized original, with what its classifier reads as a second output, if that is a vector.
Network WithFeatures(Network network, int64_t width) {
  const std::string value = ClassifierInput(network);
  if (width > 0 && !value.empty())
    network.outputs.push_back({.name = value, .shape = {kDynamic, width}});
  return network;
}

}  // namespace

Expected<void> PrepareTeacherOutputs(Context& context) {
  TeacherOptions options{.seed = context.config.seed, .threads = context.Workers()};
  options.augmentation.shift = std::max<int64_t>(1, context.config.preprocess.height / 8);
  options.augmentation.cutout = 3 * context.config.preprocess.height / 8;  // decision 6
  options.augmentation.mirrored = true;                                    // decision 23
  const auto classes = static_cast<int64_t>(context.train.classes.size());
  int64_t width = FeatureWidth(context.teacher);
  options.variants =
      std::max<int64_t>(1, std::min(VariantsInTime(context), VariantsThatFit(context, classes)));
  if (options.variants > 1) options.variants -= options.variants % 2;  // pairs
  if (options.variants > VariantsThatFit(context, classes + width))
    width = 0;  // variants are worth more
  options.features = width > 0;
  options.batch = kBatch;
  options.progress = [&](double fraction) {
    context.progress->Update(fraction, "teacher outputs for all images");
  };
  const std::string key = Hasher()
                              .Add("teacher, mirrored")
                              .Add(StructuralHash(context.teacher, true))
                              .Add(context.train.hash)
                              .Add(options.variants)
                              .Add(options.augmentation.cutout)
                              .Add(width)
                              .Digest();
  const auto job = Once(context, "teacher", key, [&]() -> Expected<Job> {
    const CompileOptions compile{Precision::kInt8, context.Workers(), kBatch};
    // A network of fixed batch cannot be compiled so: torch runs it.
    auto compiled = context.compiler->Compile(WithFeatures(context.original_int8, width), compile);
    if (compiled) options.forward = Compiled(std::move(*compiled));
    NACRE_TRY(const TeacherOutputs outputs,
              PrecomputeTeacher(context.teacher, context.train, options));
    NACRE_TRY(const std::string logits, context.run->PutArtifact(AsBytes(outputs.logits)));
    NACRE_TRY(const std::string features, context.run->PutArtifact(AsBytes(outputs.features)));
    return Job{
        .result = nlohmann::json{{"classes", outputs.classes}, {"width", outputs.width}}.dump(),
        .artifacts = {logits, features}};
  });
  if (!job) return tl::unexpected<Error>(job.error());
  TeacherOutputs& outputs = context.teacher_outputs;
  outputs.seed = options.seed;
  outputs.variants = options.variants;
  const auto json = nlohmann::json::parse(job->result);
  outputs.classes = json["classes"];
  outputs.width = json["width"];
  outputs.augmentation = options.augmentation;
  NACRE_TRY(const std::string logits, context.run->GetArtifact(job->artifacts[0]));
  outputs.logits = Floats(logits);
  NACRE_TRY(const std::string features, context.run->GetArtifact(job->artifacts[1]));
  outputs.features = Floats(features);
  return {};
}

}  // namespace nacre
