// Augmentation as parameters of a job. Private to engine/.
#pragma once

#include <string>

#include "train/augmentation.h"

namespace nacre::engine_internal {

std::string AugmentationText(const Augmentation& augmentation);
Augmentation AugmentationFrom(const std::string& text);

}  // namespace nacre::engine_internal
