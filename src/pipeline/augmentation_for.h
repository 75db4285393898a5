// How training images are varied: what the user asked for, in pixels.
#pragma once

#include <cstdint>
#include <string>

#include "config/config.h"
#include "train/augmentation.h"

namespace nacre {

// For images of so many pixels a side, which shift and cutout grow with. Where nothing was asked
// for: flip, shift and cutout.
Augmentation AugmentationFor(const RunConfig& config, int64_t height);

// "flip, shift by up to 4 pixels, cutout of 12": for a person to read.
std::string Describe(const Augmentation& augmentation);

}  // namespace nacre
