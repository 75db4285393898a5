// Why a stated accuracy is not reproduced: nearly always because of the preprocessing.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "target/evaluate.h"

namespace nacre {
namespace {

constexpr int64_t kMostImages = 2000;

// A way in which the preprocessing may be wrong, with the images as it would have them.
struct Hypothesis {
  std::string what;  // completes "with ..."
  ImageSet images;
};

// Exchanges the first and the third channel of the pixels; mean and deviation keep their positions.
ImageSet SwapRedAndBlue(ImageSet images) {
  images.source = WithSwappedChannels(images.source);
  return images;
}

ImageSet Renormalise(ImageSet images, double scale, std::vector<double> mean,
                     std::vector<double> std) {
  images.preprocess.scale = scale;
  images.preprocess.mean = std::move(mean);
  images.preprocess.std = std::move(std);
  return images;
}

std::vector<Hypothesis> ListHypotheses(const ImageSet& images) {
  const Preprocess& now = images.preprocess;
  const size_t channels = static_cast<size_t>(images.channels);
  const std::vector<double> half(channels, 0.5);
  const bool is_bgr = now.color == ColorOrder::kBgr;
  std::vector<Hypothesis> all;
  if (channels == 3) {
    all.push_back({is_bgr ? "color = \"rgb\"" : "color = \"bgr\"", SwapRedAndBlue(images)});
  }
  if (!now.mean.empty() || !now.std.empty())
    all.push_back({"no mean and std", Renormalise(images, now.scale, {}, {})});
  const double other = now.scale == 1 ? 255 : 1;
  all.push_back({fmt::format("scale = {}", other), Renormalise(images, other, now.mean, now.std)});
  all.push_back(
      {fmt::format("scale = {}, no mean and std", other), Renormalise(images, other, {}, {})});
  if (channels == 3) {  // the figures of ImageNet, as torchvision has them
    all.push_back({"scale = 255, mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225]",
                   Renormalise(images, 255, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225})});
  }
  all.push_back({"scale = 255, mean and std of 0.5", Renormalise(images, 255, half, half)});
  return all;
}

// Spread evenly, because sets are often sorted by class.
ImageSet SampleEvenly(const ImageSet& images) {
  if (images.count() <= kMostImages) return images;
  std::vector<int64_t> indices(kMostImages);
  for (int64_t i = 0; i < kMostImages; ++i) indices[i] = i * images.count() / kMostImages;
  return images.Subset(indices);
}

struct Finding {
  std::string what;
  Accuracy accuracy;
};

// The hypothesis with the highest accuracy; nothing when the network runs with none of them.
std::optional<Finding> FindBest(const Network& network, Compiler& compiler, const ImageSet& images,
                                const Metric& metric) {
  const CompileOptions options{.precision = Precision::kFp32, .batch = kDynamic};
  std::optional<Finding> best;
  for (const Hypothesis& each : ListHypotheses(SampleEvenly(images))) {
    const auto accuracy =
        EvaluateCompiled(compiler, network, options, each.images, {.metric = &metric});
    if (!accuracy || (best && accuracy->value <= best->accuracy.value)) continue;
    best = Finding{each.what, *accuracy};
  }
  return best;
}

std::string DescribeGap(const Accuracy& measured, double stated) {
  return fmt::format(
      "the original reaches {:.2f} % (95 % interval {:.2f} to {:.2f}, {} images), but {:.2f} % is "
      "stated",
      100 * measured.value, 100 * measured.low, 100 * measured.high, measured.images, 100 * stated);
}

}  // namespace

tl::unexpected<Error> ExplainMismatch(const Network& network, Compiler& compiler,
                                      const ImageSet& images, const Accuracy& measured,
                                      double stated, const Metric& metric) {
  const std::string gap = DescribeGap(measured, stated);
  const std::optional<Finding> best = FindBest(network, compiler, images, metric);
  if (best && best->accuracy.high >= stated && best->accuracy.value > measured.high) {
    return Fail(ErrorKind::kData,
                fmt::format("{}: with {} it is {:.2f} %, so correct the preprocessing that way",
                            gap, best->what, 100 * best->accuracy.value));
  }
  if (best && best->accuracy.low > measured.high) {
    return Fail(
        ErrorKind::kData,
        fmt::format(
            "{}: {} comes closer with {:.2f} %, but does not reach it; check mean "
            "and std, scale, channel order and the order of the class folders (--classes FILE)",
            gap, best->what, 100 * best->accuracy.value));
  }
  return Fail(
      ErrorKind::kData,
      fmt::format(
          "{}: no other channel order, scale, mean or std explains it; check the "
          "order of the class folders (--classes FILE), resizing, and that the stated accuracy was "
          "measured on such images",
          gap));
}

}  // namespace nacre
