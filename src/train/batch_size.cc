#include "train/batch_size.h"

#include <algorithm>
#include <bit>

#include "forecast/priors.h"

namespace nacre {

int64_t BatchFor(const Preprocess& preprocess, int64_t images, int64_t updates) {
  constexpr int64_t kMost = 128;
  const int64_t pixels = std::max<int64_t>(1, preprocess.height * preprocess.width);
  const auto least = std::clamp<int64_t>(priors::kLeastBatchPixels.Count() / pixels,
                                         priors::kLeastBatch.Count(), kMost);
  const int64_t wanted = images / std::max<int64_t>(1, updates);
  const auto power =
      static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(std::max<int64_t>(1, wanted))));
  return std::clamp<int64_t>(
      power, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(least))), kMost);
}

int64_t BatchFor(const ImageSet& images) {
  return BatchFor(images.preprocess, images.count(), priors::kUpdatesPerEpoch.Count());
}

}  // namespace nacre
