// Runs a network over images and shows its outputs, batch by batch. Internal to quantize/.
#pragma once

#include <functional>
#include <span>

#include "quantize/quantize.h"

namespace nacre {

struct ActivationOptions {
  Precision precision = Precision::kFp32;
  int threads = 1;
  int64_t batch = 64;
  int64_t images = 0;  // the first so many; 0: all
};

// `see` gets one span an output: the activations of the images that count, [n, ...] row-major. The
// network has one input; its batch is made static, and smaller than asked when the outputs would
// take more than 256 MB.
Expected<void> ForEachBatch(
    const Network& network, Compiler& compiler, const ImageSet& images,
    const ActivationOptions& options,
    const std::function<void(std::span<const std::span<const float>>, int64_t n)>& see);

// Elements that all outputs hold for one image.
Expected<int64_t> OutputElements(const Network& network);

}  // namespace nacre
