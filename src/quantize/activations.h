// Runs a network over images and hands its outputs over, batch by batch. Private to quantize/.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "quantize/quantize.h"

namespace nacre::quantize_internal {

struct ActivationOptions {
  Precision precision = Precision::kFp32;
  int threads = 1;
  int64_t batch = 64;
  int64_t images = 0;  // the first so many; 0: all
};

// One span an output: its activations for the n images of a batch, [n, ...] row-major.
using ActivationVisitor =
    std::function<void(std::span<const std::span<const float>> outputs, int64_t n)>;

// Calls `visit` for every batch. The network has one input; its batch is made static, and smaller
// than asked for when the outputs would need more than 256 MB. Errors: kData without images, kModel
// for a network that does not have exactly one input, and the compiler's.
Expected<void> VisitActivations(const Network& network, Compiler& compiler, const ImageSet& images,
                                const ActivationOptions& options, const ActivationVisitor& visit);

// Elements that all outputs have for one image.
Expected<int64_t> OutputElements(const Network& network);

// Nothing when the network can be calibrated on the images; else an Error as above.
Expected<void> CheckCalibration(const Network& network, const ImageSet& images);

}  // namespace nacre::quantize_internal
