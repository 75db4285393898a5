#include "train/statistics.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "train/batch.h"
#include "train/convert.h"
#include "train/guarded.h"
#include "train/memory.h"
#include "train/module.h"

namespace nacre {

using namespace train_internal;

namespace {

struct ChannelSums {
  at::Tensor sum, squares;  // double, [channels]
  int64_t count = 0;        // elements of each channel
};

void Accumulate(ChannelSums& sums, const at::Tensor& value) {
  const at::Tensor flat = value.transpose(0, 1).flatten(1).to(at::kDouble);
  const at::Tensor sum = flat.sum(1);
  const at::Tensor squares = flat.square().sum(1);
  sums.sum = sums.sum.defined() ? sums.sum + sum : sum;
  sums.squares = sums.squares.defined() ? sums.squares + squares : squares;
  sums.count += flat.size(1);
}

MeanVariance Finish(const ChannelSums& sums) {
  const at::Tensor mean = sums.sum / sums.count;
  const at::Tensor variance = (sums.squares / sums.count - mean.square()).clamp_min(0);
  return {FromTorch(mean).ToFloats(), FromTorch(variance).ToFloats()};
}

}  // namespace

Expected<Network> RecalibrateBatchNorm(const Network& network, const ImageSet& images,
                                       int64_t batch) {
  NACRE_TRY(const Module module, Module::Lower(network));
  if (!module.HasBatchNorm()) return network;
  const int64_t size = BatchToRun(network, batch);
  return Guarded("recalibrating", [&]() -> Expected<Network> {
    const at::NoGradGuard no_grad;
    int64_t batches = 0;
    VisitBatches(images, size, [&](const at::Tensor& input) {
      if (batches > 0 && input.size(0) < size / 4) return;
      ++batches;
      // Weights of 1, 1/2, 1/3, ... make the running statistics the average of all batches.
      const double weight = 1.0 / static_cast<double>(batches);
      module.Forward(input, {.training = true, .statistics = weight});
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
    const auto operations = module.OperationsTo(slots);
    std::vector<ChannelSums> sums(values.size());
    VisitBatches(images, BatchToRunBeside(network, values, 0, batch), [&](const at::Tensor& input) {
      Frame frame = module.NewFrame({});
      frame.values[module.InputSlot()] = input;
      module.Run(frame, operations);
      for (size_t i = 0; i < slots.size(); ++i) Accumulate(sums[i], frame.values[slots[i]]);
    });
    std::map<std::string, MeanVariance> result;
    for (size_t i = 0; i < values.size(); ++i) result[values[i]] = Finish(sums[i]);
    return result;
  });
}

}  // namespace nacre
