// The original's answers as the truth of images that have no labels.
#pragma once

#include <cstdint>
#include <vector>

#include "base/expected.h"
#include "data/image_set.h"

namespace nacre {

// The images with `answers` as labels, one for each of them in their order, in [0, classes), or -1
// for an answer that is no number; classes are called by their numbers. Error (kData) when there is
// such an answer. Throws std::logic_error when there are not as many answers as images.
Expected<ImageSet> WithAnswers(ImageSet images, std::vector<int> answers, int64_t classes);

}  // namespace nacre
