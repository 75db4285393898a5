// Networks in evaluation mode: logits, batch-norm recalibration, channel statistics.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "train/batch.h"
#include "train/module.h"
#include "train/trainer.h"

namespace nacre {
namespace {

// Calls `visit(begin, end, input)` for every batch of the set.
template <typename F>
void ForBatches(const ImageSet& images, int64_t batch, F&& visit) {
  const Normalizer pixels(images);
  for (int64_t begin = 0; begin < images.count(); begin += batch) {
    const int64_t end = std::min(images.count(), begin + batch);
    visit(begin, end, PlainBatch(pixels, begin, end));
  }
}

struct ChannelSums {
  at::Tensor sum, squares;  // double, [channels]
  int64_t count = 0;        // elements a channel
};

void Accumulate(ChannelSums& sums, const at::Tensor& value) {
  const at::Tensor flat = value.transpose(0, 1).flatten(1).to(at::kDouble);
  const at::Tensor sum = flat.sum(1), squares = flat.square().sum(1);
  sums.sum = sums.sum.defined() ? sums.sum + sum : sum;
  sums.squares = sums.squares.defined() ? sums.squares + squares : squares;
  sums.count += flat.size(1);
}

MeanVariance Finish(const ChannelSums& sums) {
  const at::Tensor mean = sums.sum / sums.count;
  const at::Tensor variance = (sums.squares / sums.count - mean.square()).clamp_min(0);
  const auto vector = [](const at::Tensor& t) {
    const auto floats = FromTorch(t).ToFloats();
    return std::vector<float>(floats.begin(), floats.end());
  };
  return {vector(mean), vector(variance)};
}

}  // namespace

Expected<void> CheckTrainable(const Network& network) {
  NACRE_CHECK_OK(Module::Lower(network));
  return {};
}

Expected<Tensor> Predict(const Network& network, const ImageSet& images, int64_t batch) {
  NACRE_TRY(const Module module, Module::Lower(network));
  return Guarded("predicting", [&]() -> Expected<Tensor> {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> parts;
    ForBatches(images, batch, [&](int64_t, int64_t, const at::Tensor& input) {
      parts.push_back(module.Forward(input));
    });
    if (parts.empty()) return Fail(ErrorKind::kData, "no images to predict on");
    return FromTorch(at::cat(parts));
  });
}

Expected<Network> RecalibrateBatchNorm(const Network& network, const ImageSet& images,
                                       int64_t batch) {
  NACRE_TRY(const Module module, Module::Lower(network));
  if (!module.HasBatchNorm()) return network;
  return Guarded("recalibrating", [&]() -> Expected<Network> {
    const at::NoGradGuard no_grad;
    int64_t seen = 0;
    ForBatches(images, batch, [&](int64_t, int64_t, const at::Tensor& input) {
      if (seen > 0 && input.size(0) < batch / 4)
        return;  // a rest too small for statistics of its own
      module.Forward(input, {.training = true, .statistics = 1.0 / static_cast<double>(++seen)});
    });
    return module.Export(network);
  });
}

Expected<std::map<std::string, MeanVariance>> MeasureChannels(
    const Network& network, const std::vector<std::string>& values, const ImageSet& images,
    int64_t batch) {
  NACRE_TRY(const Module module, Module::Lower(network, {.keep = {values.begin(), values.end()}}));
  std::vector<int> slots;
  for (const std::string& value : values) {
    slots.push_back(module.Slot(value));
    if (slots.back() < 0)
      return Fail(ErrorKind::kModel, "the network has no value '" + value + "'");
  }
  return Guarded("measuring channels", [&]() -> Expected<std::map<std::string, MeanVariance>> {
    const at::NoGradGuard no_grad;
    const auto steps = module.StepsTo(slots);
    std::vector<ChannelSums> sums(values.size());
    ForBatches(images, batch, [&](int64_t, int64_t, const at::Tensor& input) {
      Frame frame = module.NewFrame({});
      frame.values[module.InputSlot()] = input;
      module.Run(frame, steps);
      for (size_t i = 0; i < slots.size(); ++i) Accumulate(sums[i], frame.values[slots[i]]);
    });
    std::map<std::string, MeanVariance> result;
    for (size_t i = 0; i < values.size(); ++i) result[values[i]] = Finish(sums[i]);
    return result;
  });
}

}  // namespace nacre
