// ImageSet: decoded, resized, labelled images in memory; what trainer, calibrator and evaluator
// read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"
#include "graph/tensor.h"

namespace nacre {

// (pixel / scale - mean) / std per channel, channels in network order (after `color`).
struct Preprocess {
  int64_t height = 0, width = 0;  // 0: take the network's input size
  std::string color = "rgb";      // rgb | bgr | gray
  double scale = 255.0;
  std::vector<double> mean, std;   // per channel; empty: 0 and 1
  std::string resize = "stretch";  // stretch | crop (shorter side to size, centre crop)

  // Of the network's input: 1 for gray, else 3.
  int64_t channels() const { return color == "gray" ? 1 : 3; }
};

// Error (kUsage) when a field is out of its range; names the field. Sizes of 0 are allowed here.
Expected<void> CheckPreprocess(const Preprocess& preprocess);

// Images are stored as bytes before normalisation, resized and in the network's channel order.
struct ImageSet {
  Preprocess preprocess;
  int64_t channels = 3;
  std::vector<uint8_t> pixels;       // [count, channels, height, width]
  std::vector<int> labels;           // index into `classes`
  std::vector<std::string> classes;  // sorted folder names
  std::string hash;                  // of contents: see ContentHash

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

// Of preprocessing, pixels, labels and class names: two sets with one hash give the same batches.
std::string ContentHash(const ImageSet& set);

}  // namespace nacre
