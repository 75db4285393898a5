#include "quantize/activations.h"

#include <algorithm>

#include "graph/shapes.h"

namespace nacre::quantize_internal {
namespace {

constexpr int64_t kMostElements = int64_t{64} << 20;  // of a batch's outputs: 256 MB of floats

Expected<int64_t> AffordableBatch(const Network& network, int64_t wanted) {
  NACRE_TRY(const int64_t elements, OutputElements(network));
  const int64_t affordable = kMostElements / std::max<int64_t>(1, elements);
  return std::clamp<int64_t>(wanted, 1, std::max<int64_t>(1, affordable));
}

}  // namespace

Expected<int64_t> OutputElements(const Network& network) {
  NACRE_TRY(const auto shapes, InferShapes(network, 1));
  int64_t elements = 0;
  for (const auto& output : network.outputs) {
    const auto found = shapes.find(output.name);
    if (found != shapes.end()) elements += ElementCount(found->second.shape);
  }
  return elements;
}

Expected<void> CheckCalibration(const Network& network, const ImageSet& images) {
  if (images.count() == 0)
    return Fail(ErrorKind::kData, "the calibration set is empty: give it at least one image");
  if (network.inputs.size() != 1)
    return Fail(ErrorKind::kModel,
                "only networks with exactly one input can be calibrated on images");
  return {};
}

Expected<void> VisitActivations(const Network& network, Compiler& compiler, const ImageSet& images,
                                const ActivationOptions& options, const ActivationVisitor& visit) {
  NACRE_CHECK_OK(CheckCalibration(network, images));
  const int64_t total =
      options.images > 0 ? std::min(options.images, images.count()) : images.count();
  NACRE_TRY(const int64_t batch, AffordableBatch(network, std::min(options.batch, total)));
  NACRE_TRY(const auto compiled,
            compiler.Compile(network, {options.precision, options.threads, batch}));
  std::vector<int64_t> indices(batch);
  for (int64_t begin = 0; begin < total; begin += batch) {
    // The batch is static: a last one that is not full repeats its last image, which is not
    // counted.
    for (int64_t i = 0; i < batch; ++i) indices[i] = std::min(begin + i, total - 1);
    const int64_t n = std::min(batch, total - begin);
    NACRE_TRY(const Tensor input, images.Batch(indices));
    NACRE_TRY(const auto outputs, compiled->Run(std::span(&input, 1)));
    std::vector<std::span<const float>> counted;
    for (const Tensor& output : outputs)
      counted.push_back(output.floats().first(output.floats().size() / batch * n));
    visit(counted, n);
  }
  return {};
}

}  // namespace nacre::quantize_internal
