#include "quantize/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "quantize/scale.h"

namespace nacre::quantize_internal {

Histogram::Histogram(Range extremes)
    : extremes_{std::min(extremes.low, 0.0f), std::max(extremes.high, 0.0f)}, counts_(kBins, 0) {
  width_ = (static_cast<double>(extremes_.high) - extremes_.low) / kBins;
}

void Histogram::Add(std::span<const float> values) {
  if (width_ <= 0) return;
  const float low = extremes_.low;
  const float per_unit = static_cast<float>(1 / width_);
  for (float value : values) {
    if (value == 0) continue;
    const float position = std::clamp((value - low) * per_unit, 0.0f, float{kBins - 1});
    ++counts_[static_cast<int>(position)];
  }
}

Range Histogram::Percentile(double percentile) const {
  const int64_t total = std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
  const double allowed = static_cast<double>(total) * (100 - percentile) / 100;
  Range range = extremes_;
  double below = 0;
  for (int bin = 0; bin < kBins; ++bin) {
    below += static_cast<double>(counts_[bin]);
    if (below > allowed) break;
    range.low = static_cast<float>(extremes_.low + (bin + 1) * width_);
  }
  double above = 0;
  for (int bin = kBins - 1; bin >= 0; --bin) {
    above += static_cast<double>(counts_[bin]);
    if (above > allowed) break;
    range.high = static_cast<float>(extremes_.low + bin * width_);
  }
  return {std::min(range.low, 0.0f), std::max(range.high, 0.0f)};
}

double Histogram::SquaredError(Range range) const {
  const Uint8Scale scale = ScaleOf(range);
  double sum = 0;
  for (int bin = 0; bin < kBins; ++bin) {
    if (counts_[bin] == 0) continue;
    const double value = Centre(bin);
    const double code = std::nearbyint(value / scale.scale) + scale.zero_point;
    const double back = (std::clamp(code, 0.0, 255.0) - scale.zero_point) * scale.scale;
    sum += static_cast<double>(counts_[bin]) * (value - back) * (value - back);
  }
  return sum;
}

float Histogram::BestEnd(Range range, float Range::*end) const {
  constexpr int kShares = 100;
  constexpr int kLeastShare = 20;
  const float full = range.*end;
  if (full == 0) return full;
  float best = full;
  double least = SquaredError(range);
  for (int i = kLeastShare; i < kShares; ++i) {
    range.*end = full * static_cast<float>(i) / kShares;
    const double error = SquaredError(range);
    if (error < least) {
      least = error;
      best = range.*end;
    }
  }
  return best;
}

Range Histogram::LeastSquares() const {
  Range range = extremes_;
  range.high = BestEnd(range, &Range::high);
  range.low = BestEnd(range, &Range::low);
  return range;
}

}  // namespace nacre::quantize_internal
