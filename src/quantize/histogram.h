// Distribution of one activation, and the range that serves it best. Private to quantize/.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quantize/quantize.h"

namespace nacre::quantize_internal {

// 2048 bins over [low, high]. Exact zeros are left out: they cost nothing in any range, and behind
// a ReLU they are most of the values.
class Histogram {
 public:
  static constexpr int kBins = 2048;

  // `extremes` as a first pass has found them; widened to contain 0.
  explicit Histogram(Range extremes);

  // Values outside the extremes count into the outermost bins.
  void Add(std::span<const float> values);

  // The range beyond each end of which at most (100 - percentile) % of the non-zero values lie.
  Range Percentile(double percentile) const;

  // The range whose 256 levels give the least mean squared error of rounding and clipping. The
  // upper end is searched first, then the lower.
  Range LeastSquares() const;

  Range extremes() const { return extremes_; }

 private:
  double Centre(int bin) const { return extremes_.low + (bin + 0.5) * width_; }
  double SquaredError(Range range) const;
  // Best of the shares of one end from 20 % to 100 % in steps of 1 %.
  float BestEnd(Range range, float Range::*end) const;

  Range extremes_;
  double width_ = 0;  // of a bin
  std::vector<int64_t> counts_;
};

}  // namespace nacre::quantize_internal
