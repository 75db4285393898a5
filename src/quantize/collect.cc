#include <algorithm>
#include <cmath>

#include "graph/simplify.h"
#include "quantize/activations.h"
#include "quantize/histogram.h"

namespace nacre {

using namespace quantize_internal;

namespace {

// Histograms are filled from so many values at most, so that large inputs stay a matter of seconds.
// A guess.
constexpr int64_t kHistogramValues = 2'000'000'000;
constexpr int64_t kLeastHistogramImages = 16;  // of however large images; a guess

struct Activations {
  Network network;                  // with the values as outputs
  std::vector<std::string> values;  // without the network's input, which no run is needed for
  std::string input;                // empty: it is not quantised
};

// A NaN among the values makes both ends NaN: comparisons alone would pass it by.
void Widen(std::span<const float> values, Range& range) {
  float low = range.low;
  float high = range.high;
  float poison = 0;
  for (float value : values) {
    low = value < low ? value : low;
    high = value > high ? value : high;
    poison += value * 0.0f;  // NaN for NaN and infinity
  }
  range = {low + poison, high + poison};
}

Expected<std::vector<Range>> Extremes(const Activations& activations, Compiler& compiler,
                                      const ImageSet& images, const ActivationOptions& options) {
  std::vector<Range> ranges(activations.values.size());
  const auto widen = [&](std::span<const std::span<const float>> outputs, int64_t) {
    for (size_t i = 0; i < ranges.size(); ++i) Widen(outputs[i], ranges[i]);
  };
  NACRE_CHECK_OK(VisitActivations(activations.network, compiler, images, options, widen));
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (std::isfinite(ranges[i].low) && std::isfinite(ranges[i].high)) continue;
    return Fail(ErrorKind::kData,
                "activation '" + activations.values[i] +
                    "' is not finite on the calibration set: check the preprocessing "
                    "and the network's weights");
  }
  return ranges;
}

Range ChooseRange(const Histogram& histogram, const QuantizeOptions& options) {
  switch (options.ranges) {
    case RangeMethod::kPercentile:
      return histogram.Percentile(options.percentile);
    case RangeMethod::kMse:
      return histogram.LeastSquares();
    case RangeMethod::kMinMax:
      break;
  }
  return histogram.extremes();
}

Expected<std::vector<Range>> ByHistogram(const Activations& activations, Compiler& compiler,
                                         const ImageSet& images, ActivationOptions run,
                                         const std::vector<Range>& extremes,
                                         const QuantizeOptions& options) {
  NACRE_TRY(const int64_t elements, OutputElements(activations.network));
  run.images =
      std::clamp<int64_t>(kHistogramValues / std::max<int64_t>(1, elements), kLeastHistogramImages,
                          std::max(kLeastHistogramImages, images.count()));
  std::vector<Histogram> histograms(extremes.begin(), extremes.end());
  const auto add = [&](std::span<const std::span<const float>> outputs, int64_t) {
    for (size_t i = 0; i < histograms.size(); ++i) histograms[i].Add(outputs[i]);
  };
  NACRE_CHECK_OK(VisitActivations(activations.network, compiler, images, run, add));
  std::vector<Range> ranges;
  for (const auto& histogram : histograms) ranges.push_back(ChooseRange(histogram, options));
  return ranges;
}

// Pixels are bounded and all count alike, so that the input is never clipped.
Expected<Range> InputRange(const ImageSet& images, int64_t batch) {
  Range range;
  for (int64_t begin = 0; begin < images.count(); begin += batch) {
    NACRE_TRY(const Tensor some, images.Batch(begin, std::min(begin + batch, images.count())));
    Widen(some.floats(), range);
  }
  return range;
}

std::map<std::string, Range> WithKnown(std::map<std::string, Range> ranges,
                                       const QuantizeOptions& options) {
  for (auto& [value, range] : ranges) {
    if (const auto known = options.known.find(value); known != options.known.end())
      range = known->second;
  }
  return ranges;
}

Activations FindActivations(const Network& network, const QuantizeOptions& options) {
  Activations result;
  for (auto& value : QuantizedValues(network, options)) {
    if (!network.inputs.empty() && value == network.inputs[0].name) {
      result.input = value;
    } else {
      result.values.push_back(std::move(value));
    }
  }
  if (!result.values.empty()) result.network = WithOutputs(network, result.values);
  return result;
}

}  // namespace

Expected<std::map<std::string, Range>> CollectRanges(const Network& network, Compiler& compiler,
                                                     const ImageSet& calibration,
                                                     const QuantizeOptions& options) {
  NACRE_CHECK_OK(CheckCalibration(network, calibration));
  const Activations activations = FindActivations(network, options);
  std::map<std::string, Range> result;
  if (!activations.input.empty()) {
    NACRE_TRY(result[activations.input], InputRange(calibration, options.batch));
  }
  if (activations.values.empty()) return WithKnown(std::move(result), options);
  const ActivationOptions run{.threads = options.threads, .batch = options.batch};
  NACRE_TRY(auto ranges, Extremes(activations, compiler, calibration, run));
  if (options.ranges != RangeMethod::kMinMax) {
    NACRE_TRY(ranges, ByHistogram(activations, compiler, calibration, run, ranges, options));
  }
  for (size_t i = 0; i < ranges.size(); ++i) result[activations.values[i]] = ranges[i];
  return WithKnown(std::move(result), options);
}

}  // namespace nacre
