#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "data/image_folder.h"

namespace nacre {
namespace {

// For each class the indices of its images, shuffled.
std::vector<std::vector<int64_t>> ShuffledByClass(const ImageSet& set, const Random& random) {
  std::vector<std::vector<int64_t>> indices(set.classes.size());
  for (int64_t i = 0; i < set.count(); ++i) {
    indices[static_cast<size_t>(set.labels[static_cast<size_t>(i)])].push_back(i);
  }
  for (size_t label = 0; label < indices.size(); ++label) {
    Random stream = random.Fork(set.classes[label]);
    stream.Shuffle(indices[label]);
  }
  return indices;
}

}  // namespace

Split SplitByClass(const ImageSet& set, double fraction, uint64_t seed) {
  std::vector<int64_t> train, validation;
  for (const auto& indices : ShuffledByClass(set, Random(seed).Fork("split"))) {
    const int64_t count = static_cast<int64_t>(indices.size());
    const int64_t wanted = std::llround(fraction * static_cast<double>(count));
    const int64_t taken =
        std::min(std::clamp<int64_t>(wanted, 1, std::max<int64_t>(1, count - 1)), count);
    validation.insert(validation.end(), indices.begin(), indices.begin() + taken);
    train.insert(train.end(), indices.begin() + taken, indices.end());
  }
  std::sort(train.begin(), train.end());
  std::sort(validation.begin(), validation.end());
  return {set.Subset(train), set.Subset(validation)};
}

ImageSet Sample(const ImageSet& set, int64_t count, uint64_t seed) {
  const auto indices = ShuffledByClass(set, Random(seed).Fork("sample"));
  std::vector<int64_t> chosen;
  const size_t wanted = static_cast<size_t>(std::clamp<int64_t>(count, 0, set.count()));
  for (size_t turn = 0; chosen.size() < wanted; ++turn) {
    for (const auto& of_class : indices) {
      if (turn < of_class.size() && chosen.size() < wanted) chosen.push_back(of_class[turn]);
    }
  }
  return set.Subset(chosen);
}

}  // namespace nacre
