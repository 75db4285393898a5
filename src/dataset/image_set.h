// ImageSet: decoded, resized, labelled images in memory; what trainer, calibrator and evaluator read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/tensor.h"

namespace nacre {

// (pixel / scale - mean) / std per channel, channels in network order (after `color`).
struct Preprocess {
  int64_t height = 0, width = 0;     // 0: take the network's input size
  std::string color = "rgb";         // rgb | bgr | gray
  double scale = 255.0;
  std::vector<double> mean, std;     // per channel; empty: 0 and 1
  std::string resize = "stretch";    // stretch | crop (shorter side to size, centre crop)
};

struct ImageSet {
  Preprocess preprocess;
  int64_t channels = 3;
  std::vector<uint8_t> pixels;       // [count, channels, height, width]
  std::vector<int> labels;           // index into `classes`
  std::vector<std::string> classes;  // sorted folder names
  std::string hash;                  // of contents

  int64_t count() const { return static_cast<int64_t>(labels.size()); }
  int64_t image_bytes() const { return channels * preprocess.height * preprocess.width; }
  // Normalised float batch [n, channels, height, width] of the images `indices`.
  Tensor Batch(const std::vector<int64_t>& indices) const;
  // Images [begin, end) as such a batch.
  Tensor Batch(int64_t begin, int64_t end) const;
  ImageSet Subset(const std::vector<int64_t>& indices) const;
};

}  // namespace nacre
