// ImageSet: labelled images, which trainer, calibrator and evaluator read. A value: copies and
// subsets share the pixels (decision 35). Concurrent reads are thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/image_source.h"
#include "data/preprocess.h"
#include "graph/tensor.h"

namespace nacre {

struct ImageSet {
  Preprocess preprocess;
  int64_t channels = 3;
  ImageSourcePtr source;             // of `count` images of `image_bytes` each
  std::vector<int> labels;           // [count], index into `classes`
  std::vector<std::string> classes;  // in the order of the network's outputs
  std::string hash;                  // two sets with one hash give the same batches

  int64_t count() const { return static_cast<int64_t>(labels.size()); }
  int64_t image_bytes() const { return channels * preprocess.height * preprocess.width; }
  // Normalised float batch [n, channels, height, width] of the images `indices`. Errors: those of
  // ImageSource::Read. An index outside [0, count) throws std::logic_error.
  Expected<Tensor> Batch(const std::vector<int64_t>& indices) const;
  // Images [begin, end) as such a batch.
  Expected<Tensor> Batch(int64_t begin, int64_t end) const;
  // These images, in this order, with a hash that follows from that of this set. Throws
  // std::logic_error when an index is outside [0, count).
  ImageSet Subset(const std::vector<int64_t>& indices) const;
};

// Hash of preprocessing, pixels, labels and class names. Reads every image once. Errors: those of
// ImageSource::Read.
Expected<std::string> ContentHash(const ImageSet& set);

// What a set is apart from its pixels: preprocessing, labels and class names.
std::string DescriptionHash(const ImageSet& set);

// Throws std::logic_error when the source does not have `count` images of `image_bytes`.
void CheckSource(const ImageSet& set);

}  // namespace nacre
