// Whether a network can be fed with images as the preprocessing makes them.
#pragma once

#include <cstdint>

#include "base/expected.h"
#include "data/image_set.h"
#include "graph/core.h"

namespace nacre {

// The core takes one image [N, C, H, W] of the size that the preprocessing makes (filled in from
// the network where it is 0), in grey where the network has one channel. A file that wants integers
// gets the pixels as they are, when no other scale, mean or deviation is asked for. Returns the
// number of classes, 0 when nothing classifies. Errors name what does not fit.
Expected<int64_t> FitToPreprocess(const Core& core, Preprocess& preprocess);

// As FitToPreprocess, for a stage that needs classes. Error (kModel): nothing classifies, and why.
Expected<int64_t> FitClassifier(const Core& core, Preprocess& preprocess);

}  // namespace nacre
