#include "engine/jobs/teacher_job.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/jobs/augmentation_json.h"

namespace nacre {
namespace {

using engine_internal::AugmentationFrom;
using engine_internal::AugmentationText;
using Json = nlohmann::json;

constexpr int64_t kBatch = 64;  // one static shape, as compilers like it

std::string BytesOf(const std::vector<float>& floats) {
  return {reinterpret_cast<const char*>(floats.data()), floats.size() * sizeof(float)};
}

Expected<std::vector<float>> LoadFloats(Materials& materials, const ArtifactHash& hash) {
  NACRE_TRY(const std::string bytes, materials.Get(hash));
  std::vector<float> floats(bytes.size() / sizeof(float));
  if (!floats.empty()) std::memcpy(floats.data(), bytes.data(), bytes.size());
  return floats;
}

// The first n rows of [kBatch, columns].
Tensor Rows(const Tensor& tensor, int64_t n) {
  const int64_t columns = tensor.shape().back();
  const auto floats = tensor.floats();
  return Tensor::Floats({n, columns},
                        std::vector<float>(floats.begin(), floats.begin() + n * columns));
}

// Runs the compiled teacher on batches of up to kBatch images, which are filled up to that.
Expected<TeacherAnswer> Answer(CompiledNetwork& network, const Tensor& images) {
  const int64_t n = images.shape()[0];
  Shape shape = images.shape();
  shape[0] = kBatch;
  std::vector<float> padded(images.floats().begin(), images.floats().end());
  padded.resize(padded.size() / static_cast<size_t>(n) * kBatch);
  const Tensor batch = Tensor::Floats(shape, padded);
  NACRE_TRY(const auto outputs, network.Run(std::span(&batch, 1)));
  TeacherAnswer answer{.logits = Rows(outputs.at(0), n)};
  if (outputs.size() > 1) answer.features = Rows(outputs[1], n);
  return answer;
}

// The quantized original, with what its classifier reads as a second output, if that is wanted.
Network WithFeatures(Network network, int64_t width) {
  const std::string value = ClassifierInput(network);
  if (width > 0 && !value.empty()) {
    network.outputs.push_back({.name = value, .shape = {kDynamic, width}});
  }
  return network;
}

// The compiled INT8 teacher loses next to nothing and leaves time for more variants. A network of
// fixed batch cannot be compiled for this one: the trainer runs it instead.
Expected<void> AnswerCompiled(const JobSpec& job, const Workplace& place, int64_t width,
                              TeacherOptions& options) {
  NACRE_TRY(const auto int8, place.materials.GetNetwork(job.inputs.at(1)));
  auto compiled = place.compiler.Compile(WithFeatures(JoinAnswers(*int8, options.form), width),
                                         {Precision::kInt8, place.compute.threads, kBatch});
  if (!compiled) return {};
  const std::shared_ptr<CompiledNetwork> network = std::move(*compiled);
  options.forward = [network](const Tensor& images) { return Answer(*network, images); };
  return {};
}

}  // namespace

JobSpec TeacherSpec(const TeacherJob& job) {
  return {.kind = "teacher",
          .parameters = Json{{"images", job.images},
                             {"variants", job.variants},
                             {"augmentation", AugmentationText(job.augmentation)},
                             {"width", job.width},
                             {"seed", job.seed}}
                            .dump(),
          .inputs = {job.teacher, job.int8},
          .label = "teacher outputs"};
}

StoredAnswers ReadAnswers(const TeacherJob& job, const JobResult& result) {
  const Json json = Json::parse(result.value);
  return {.logits = result.artifacts.at(0),
          .features = result.artifacts.at(1),
          .variants = job.variants,
          .classes = json["classes"],
          .width = json["width"],
          .augmentation = job.augmentation,
          .seed = job.seed};
}

Expected<std::shared_ptr<const TeacherOutputs>> LoadAnswers(Materials& materials,
                                                            const StoredAnswers& answers) {
  const std::string key = "answers " + answers.logits + " " + answers.features;
  return materials.Cached<TeacherOutputs>(key, [&]() -> Expected<TeacherOutputs> {
    TeacherOutputs outputs{.seed = answers.seed,
                           .variants = answers.variants,
                           .classes = answers.classes,
                           .augmentation = answers.augmentation};
    outputs.width = answers.width;
    NACRE_TRY(outputs.logits, LoadFloats(materials, answers.logits));
    NACRE_TRY(outputs.features, LoadFloats(materials, answers.features));
    return outputs;
  });
}

Expected<JobResult> RunTeacher(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto teacher, place.materials.GetNetwork(job.inputs.at(0)));
  TeacherOptions options{.variants = parameters["variants"],
                         .augmentation = AugmentationFrom(parameters["augmentation"]),
                         .seed = parameters["seed"]};
  options.form = place.materials.task()->form();
  options.compute = place.compute;
  options.batch = kBatch;
  const int64_t width = parameters["width"];
  options.features = width > 0;
  options.progress = [&](double fraction) {
    place.hooks.Report(fraction, "teacher outputs for all images");
  };
  NACRE_CHECK_OK(AnswerCompiled(job, place, width, options));
  NACRE_TRY(const TeacherOutputs outputs, PrecomputeTeacher(*teacher, *images, options));
  NACRE_TRY(const ArtifactHash logits, place.materials.Put(BytesOf(outputs.logits)));
  NACRE_TRY(const ArtifactHash features, place.materials.Put(BytesOf(outputs.features)));
  return JobResult{.value = Json{{"classes", outputs.classes}, {"width", outputs.width}}.dump(),
                   .artifacts = {logits, features}};
}

}  // namespace nacre
