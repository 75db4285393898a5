// Statistics of a network's values over images: those that batch-norm normalises by, and those of
// any value. Both are computed batch by batch, by torch's default number of threads. Errors: kModel
// when an operation is not supported (train/trainable.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/expected.h"
#include "data/image_set.h"
#include "graph/network.h"

namespace nacre {

// The network with batch-norm statistics that are measured anew on the images, as their cumulative
// average over batches (EagleEye, arXiv 2007.02491). A last batch of less than a quarter of `batch`
// is left out: its own statistics would be noise. A network without batch-norm is returned as is.
Expected<Network> RecalibrateBatchNorm(const Network& network, const ImageSet& images,
                                       int64_t batch = 256);

struct MeanVariance {
  std::vector<float> mean, variance;  // one per channel; the variance is the biased one
};

// Mean and variance per channel (axis 1) of the named values over all images, in evaluation mode.
// Batches are smaller than `batch` where the values of so many images would take much memory.
// Error (kModel) also for a name that is not a value of the network.
Expected<std::map<std::string, MeanVariance>> MeasureChannels(
    const Network& network, const std::vector<std::string>& values, const ImageSet& images,
    int64_t batch = 256);

}  // namespace nacre
