#include "target/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

namespace nacre {
namespace {

Expected<void> CheckClassifier(const Network& network) {
  if (network.inputs.size() == 1 && !network.outputs.empty()) return {};
  return Fail(
      ErrorKind::kModel,
      fmt::format("the network has {} input(s) and {} output(s): a classifier has one input "
                  "and answers with its first output",
                  network.inputs.size(), network.outputs.size()));
}

bool HasRows(const std::vector<Tensor>& outputs, int64_t rows) {
  if (outputs.empty() || outputs[0].type() != DataType::kFloat) return false;
  const Shape& shape = outputs[0].shape();
  return !shape.empty() && shape[0] == rows;
}

// Runs a network that is compiled for `batch` images.
Expected<Tensor> Predict(CompiledNetwork& compiled, int64_t batch, const ImageSet& images,
                         const EvaluateOptions& evaluate) {
  const int64_t total = images.count();
  std::vector<float> logits;
  std::vector<int64_t> indices(batch);
  for (int64_t begin = 0; begin < total; begin += batch) {
    const int64_t count = std::min(batch, total - begin);
    for (int64_t i = 0; i < batch; ++i) indices[i] = std::min(begin + i, total - 1);
    NACRE_TRY(const Tensor input, images.Batch(indices));
    NACRE_TRY(const auto outputs, compiled.Run(std::span(&input, 1)));
    if (!HasRows(outputs, batch)) {
      return Fail(
          ErrorKind::kModel,
          fmt::format("the network does not answer {0} images with {0} rows of floats", batch));
    }
    const auto values = outputs[0].floats();
    logits.insert(logits.end(), values.begin(), values.begin() + values.size() / batch * count);
    if (evaluate.progress) evaluate.progress(static_cast<double>(begin + count) / total);
  }
  const auto classes = static_cast<int64_t>(logits.size()) / total;
  return Tensor::Floats({total, classes}, logits);
}

}  // namespace

Expected<Tensor> PredictCompiled(Compiler& compiler, const Network& network,
                                 const CompileOptions& options, const ImageSet& images,
                                 const EvaluateOptions& evaluate) {
  if (images.count() == 0)
    return Fail(ErrorKind::kData, "there are no images to measure the accuracy on");
  NACRE_CHECK_OK(CheckClassifier(network));
  CompileOptions compile = options;
  const bool is_free = options.batch == kDynamic;
  if (is_free) compile.batch = std::clamp<int64_t>(evaluate.batch, 1, images.count());
  const auto attempt = [&]() -> Expected<Tensor> {
    NACRE_TRY(const auto compiled, compiler.Compile(network, compile));
    return Predict(*compiled, compile.batch, images, evaluate);
  };
  Expected<Tensor> logits = attempt();
  if (logits || !is_free || compile.batch == 1) return logits;
  // Reshaping fails for a network that was exported with a fixed batch; that is nearly always 1.
  compile.batch = 1;
  if (Expected<Tensor> singly = attempt()) return singly;
  return logits;
}

Expected<Accuracy> EvaluateCompiled(Compiler& compiler, const Network& network,
                                    const CompileOptions& options, const ImageSet& images,
                                    const EvaluateOptions& evaluate) {
  NACRE_TRY(const Tensor logits, PredictCompiled(compiler, network, options, images, evaluate));
  const ClassificationTask task(*evaluate.metric);
  NACRE_TRY(const Judged judged, task.Judge(logits, images));
  return task.Measure(judged.record, images);
}

}  // namespace nacre
