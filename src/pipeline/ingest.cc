// Step 0: load, verify, make trainable, reproduce the stated accuracy.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "data/image_folder.h"
#include "graph/shapes.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "pipeline/context.h"
#include "target/evaluate.h"
#include "task/accuracy.h"
#include "train/trainable.h"

namespace nacre {
namespace {

constexpr double kQuantizationLoss = 0.001;
constexpr double kStandardErrors = 0.5;

Expected<void> LoadData(Context& context, int64_t classes) {
  LoadOptions options{.preprocess = context.config.preprocess,
                      .expected_classes = classes,
                      .least_images = 10 * classes};
  options.progress = [&](double fraction) {
    context.progress->Update(fraction, "decoding " + context.config.train.string());
  };
  NACRE_TRY(ImageSet all, LoadImageFolder(context.config.train, options, &context.train_report));
  const auto& broken = context.train_report.broken;
  if (!broken.empty()) {
    const std::string note =
        fmt::format("{} unreadable image files left out, first: {}", broken.size(), broken.front());
    Warn(note);
    context.report.notes.push_back(note);
  }
  if (context.config.validation.empty()) {
    Split split = SplitByClass(all, 0.1, context.config.seed);
    context.train = std::move(split.train);
    context.validation = std::move(split.validation);
  } else {
    LoadReport report;
    NACRE_TRY(context.validation, LoadImageFolder(context.config.validation, options, &report));
    context.train = std::move(all);
  }
  context.calibration = Sample(context.train, 512, context.config.seed);
  return {};
}

// On images that the original was trained on its accuracy can lie above the stated one, never
// below.
Expected<void> ReproduceAccuracy(Context& context) {
  const std::string key = Hasher()
                              .Add("reproduce")
                              .Add(StructuralHash(context.original, true))
                              .Add(context.validation.hash)
                              .Digest();
  const auto job = Once(context, "reproduce", key, [&]() -> Expected<Job> {
    NACRE_TRY(const Tensor logits, Predict(context.original, context.validation));
    const Accuracy top1 = TopOne(logits, context.validation.labels);
    return Job{.result = nlohmann::json{{"value", top1.value},
                                        {"low", top1.low},
                                        {"high", top1.high},
                                        {"images", top1.images}}
                             .dump()};
  });
  if (!job) return tl::unexpected<Error>(job.error());
  const auto json = nlohmann::json::parse(job->result);
  const Accuracy top1{json["value"], json["low"], json["high"], json["images"]};
  context.baseline_validation = top1.value;
  const double reference = context.Reference();
  if (top1.high < reference) {
    return ExplainMismatch(context.original, *context.compiler, context.validation, top1,
                           reference);
  }
  // A finalist loses a little when it is quantized, and chance lies between these images and unseen
  // ones.
  const double limit = reference * (1 - context.config.max_drop);
  const double error = std::sqrt(limit * (1 - limit) / static_cast<double>(top1.images));
  context.limit = limit + kQuantizationLoss;
  context.wanted = context.limit + kStandardErrors * error;
  Info(fmt::format("original: {:.2f} % on {} validation images{}", 100 * top1.value, top1.images,
                   context.config.stated_accuracy
                       ? fmt::format(", stated {:.2f} %", 100 * reference)
                       : std::string()));
  return {};
}

}  // namespace

Expected<int64_t> FitToPreprocess(const Network& network, Preprocess& preprocess) {
  if (network.inputs.size() != 1 || network.outputs.size() != 1) {
    return Fail(ErrorKind::kModel,
                fmt::format("the model has {} inputs and {} outputs; a classifier has one of each",
                            network.inputs.size(), network.outputs.size()));
  }
  const Value& input = network.inputs[0];
  const int64_t channels = preprocess.color == "gray" ? 1 : 3;
  if (input.shape.size() != 4 || input.type != DataType::kFloat) {
    return Fail(ErrorKind::kModel,
                fmt::format("input '{}' is {} {}; nacre feeds float images [N, C, H, W]",
                            input.name, DataTypeName(input.type), ToString(input.shape)));
  }
  if (preprocess.height == 0) preprocess.height = input.shape[2];
  if (preprocess.width == 0) preprocess.width = input.shape[3];
  const auto fits = [](int64_t model, int64_t data) { return model == kDynamic || model == data; };
  if (preprocess.height < 1 || preprocess.width < 1) {
    return Fail(ErrorKind::kUsage, "the model's input size is dynamic: state data.preprocess.size");
  }
  if (!fits(input.shape[1], channels) || !fits(input.shape[2], preprocess.height) ||
      !fits(input.shape[3], preprocess.width)) {
    return Fail(ErrorKind::kModel,
                fmt::format("input '{}' is {}, but the preprocessing makes [N,{},{},{}]: correct "
                            "data.preprocess.size or color",
                            input.name, ToString(input.shape), channels, preprocess.height,
                            preprocess.width));
  }
  NACRE_TRY(const auto shapes, InferShapes(network, 1));
  const auto output = shapes.find(network.outputs[0].name);
  if (output == shapes.end() || output->second.shape.size() != 2) {
    return Fail(ErrorKind::kModel,
                fmt::format("output '{}' is no [N, classes] logits", network.outputs[0].name));
  }
  return output->second.shape[1];
}

Expected<void> Ingest(Context& context) {
  NACRE_TRY(context.original, ReadOnnx(context.config.model));
  for (const Node& node : context.original.nodes) {
    if (!node.opaque()) continue;
    context.report.notes.push_back(fmt::format("frozen: {} ({})", node.name, node.frozen_reason));
  }
  NACRE_TRY(const int64_t classes, FitToPreprocess(context.original, context.config.preprocess));
  NACRE_CHECK_OK(CheckTrainable(context.original));
  NACRE_CHECK_OK(LoadData(context, classes));
  NACRE_CHECK_OK(ReproduceAccuracy(context));
  NACRE_TRY(context.teacher, MakeTrainable(context.original, context.calibration));
  return {};
}

}  // namespace nacre
