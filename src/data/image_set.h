// ImageSet: decoded, resized, labelled images in memory, which trainer, calibrator and evaluator
// read. Concurrent reads are thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/preprocess.h"
#include "graph/tensor.h"

namespace nacre {

// Images are stored as bytes before normalisation, resized and in the network's channel order.
struct ImageSet {
  Preprocess preprocess;
  int64_t channels = 3;
  std::vector<uint8_t> pixels;       // [count, channels, height, width]
  std::vector<int> labels;           // [count], index into `classes`
  std::vector<std::string> classes;  // sorted folder names
  std::string hash;                  // of the contents: see ContentHash

  int64_t count() const { return static_cast<int64_t>(labels.size()); }
  int64_t image_bytes() const { return channels * preprocess.height * preprocess.width; }
  // Normalised float batch [n, channels, height, width] of the images `indices`.
  // An index outside [0, count) throws std::logic_error.
  Tensor Batch(const std::vector<int64_t>& indices) const;
  // Images [begin, end) as such a batch.
  Tensor Batch(int64_t begin, int64_t end) const;
  // These images, in this order, with a hash of their own.
  ImageSet Subset(const std::vector<int64_t>& indices) const;
};

// Hash of preprocessing, pixels, labels and class names: two sets with one hash give the same
// batches.
std::string ContentHash(const ImageSet& set);

}  // namespace nacre
