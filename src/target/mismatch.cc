#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "target/evaluate.h"

namespace nacre {
namespace {

constexpr int64_t kImages = 2000;

struct Guess {
  std::string what;  // completes "with ..."
  ImageSet images;
};

// Swaps the first and third channel of the pixels; mean and deviation stay with their positions.
ImageSet Swapped(ImageSet images) {
  const int64_t plane = images.preprocess.height * images.preprocess.width;
  for (int64_t i = 0; i < images.count(); ++i) {
    uint8_t* image = images.pixels.data() + i * 3 * plane;
    std::swap_ranges(image, image + plane, image + 2 * plane);
  }
  return images;
}

ImageSet With(ImageSet images, double scale, std::vector<double> mean, std::vector<double> std) {
  images.preprocess.scale = scale;
  images.preprocess.mean = std::move(mean);
  images.preprocess.std = std::move(std);
  return images;
}

std::vector<Guess> Guesses(const ImageSet& images) {
  const Preprocess& now = images.preprocess;
  const size_t channels = static_cast<size_t>(images.channels);
  const std::vector<double> half(channels, 0.5);
  std::vector<Guess> guesses;
  if (channels == 3)
    guesses.push_back(
        {now.color == "bgr" ? "color = \"rgb\"" : "color = \"bgr\"", Swapped(images)});
  if (!now.mean.empty() || !now.std.empty())
    guesses.push_back({"no mean and std", With(images, now.scale, {}, {})});
  const double other = now.scale == 1 ? 255 : 1;
  guesses.push_back({fmt::format("scale = {}", other), With(images, other, now.mean, now.std)});
  guesses.push_back(
      {fmt::format("scale = {}, no mean and std", other), With(images, other, {}, {})});
  if (channels == 3)
    guesses.push_back({"scale = 255, mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225]",
                       With(images, 255, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225})});
  guesses.push_back({"scale = 255, mean and std of 0.5", With(images, 255, half, half)});
  return guesses;
}

ImageSet Few(const ImageSet& images) {
  if (images.count() <= kImages) return images;
  std::vector<int64_t> indices(kImages);  // spread evenly: sets are often sorted by class
  for (int64_t i = 0; i < kImages; ++i) indices[i] = i * images.count() / kImages;
  return images.Subset(indices);
}

std::string Numbers(const Accuracy& measured, double stated) {
  return fmt::format(
      "the original reaches {:.2f} % (95 % interval {:.2f} to {:.2f}, {} images), stated are "
      "{:.2f} %",
      100 * measured.value, 100 * measured.low, 100 * measured.high, measured.images, 100 * stated);
}

}  // namespace

tl::unexpected<Error> ExplainMismatch(const Network& network, Compiler& compiler,
                                      const ImageSet& images, const Accuracy& measured,
                                      double stated) {
  const std::string numbers = Numbers(measured, stated);
  std::string best;
  Accuracy found;
  for (const Guess& guess : Guesses(Few(images))) {
    const auto accuracy = EvaluateCompiled(
        compiler, network, {.precision = Precision::kFp32, .batch = kDynamic}, guess.images);
    if (!accuracy || (!best.empty() && accuracy->value <= found.value)) continue;
    best = guess.what;
    found = *accuracy;
  }
  if (!best.empty() && found.high >= stated && found.value > measured.high)
    return Fail(ErrorKind::kData,
                fmt::format("{}: with {} it is {:.2f} %, so correct the preprocessing that way",
                            numbers, best, 100 * found.value));
  if (!best.empty() && found.low > measured.high)
    return Fail(
        ErrorKind::kData,
        fmt::format(
            "{}: {} comes closer with {:.2f} %, but does not reach it; check mean and std, scale, "
            "channel order and the order of the class folders",
            numbers, best, 100 * found.value));
  return Fail(
      ErrorKind::kData,
      fmt::format("{}: no other channel order, scale, mean or std explains it; check the order of "
                  "the class "
                  "folders, resizing, and that the stated accuracy was measured on such images",
                  numbers));
}

}  // namespace nacre
