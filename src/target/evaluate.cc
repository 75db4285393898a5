#include "target/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "task/accuracy.h"

namespace nacre {
namespace {

Expected<Tensor> Predict(CompiledNetwork& compiled, int64_t batch, const ImageSet& images,
                         const EvaluateOptions& evaluate) {
  const int64_t total = images.count();
  std::vector<float> logits;
  std::vector<int64_t> indices(batch);
  for (int64_t begin = 0; begin < total; begin += batch) {
    const int64_t n = std::min(batch, total - begin);
    for (int64_t i = 0; i < batch; ++i) indices[i] = std::min(begin + i, total - 1);
    const Tensor input = images.Batch(indices);
    NACRE_TRY(const auto outputs, compiled.Run(std::span(&input, 1)));
    if (outputs.empty() || outputs[0].type() != DataType::kFloat || outputs[0].shape().empty() ||
        outputs[0].shape()[0] != batch)
      return Fail(ErrorKind::kModel,
                  fmt::format("the network does not answer {} images with {} rows of floats", batch,
                              batch));
    const auto values = outputs[0].floats();
    logits.insert(logits.end(), values.begin(), values.begin() + values.size() / batch * n);
    if (evaluate.progress) evaluate.progress(static_cast<double>(begin + n) / total);
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
  if (network.inputs.size() != 1 || network.outputs.size() != 1)
    return Fail(ErrorKind::kModel,
                fmt::format("the network has {} input(s) and {} output(s): a classifier has one of "
                            "each",
                            network.inputs.size(), network.outputs.size()));
  const int64_t wanted =
      options.batch == kDynamic ? std::max<int64_t>(1, evaluate.batch) : options.batch;
  CompileOptions compile = options;
  compile.batch = std::min(wanted, options.batch == kDynamic ? images.count() : wanted);
  const auto attempt = [&]() -> Expected<Tensor> {
    NACRE_TRY(const auto compiled, compiler.Compile(network, compile));
    return Predict(*compiled, compile.batch, images, evaluate);
  };
  Expected<Tensor> logits = attempt();
  if (!logits && options.batch == kDynamic && compile.batch != 1) {
    compile.batch = 1;
    if (Expected<Tensor> singly = attempt()) return singly;
  }
  return logits;
}

Expected<Accuracy> EvaluateCompiled(Compiler& compiler, const Network& network,
                                    const CompileOptions& options, const ImageSet& images,
                                    const EvaluateOptions& evaluate) {
  NACRE_TRY(const Tensor logits, PredictCompiled(compiler, network, options, images, evaluate));
  const int most = *std::max_element(images.labels.begin(), images.labels.end());
  if (most >= logits.shape()[1])
    return Fail(
        ErrorKind::kData,
        fmt::format("the images have class {}, but the network knows {} classes only: check "
                    "the class folders",
                    most, logits.shape()[1]));
  return TopOne(logits, images.labels);
}

}  // namespace nacre
