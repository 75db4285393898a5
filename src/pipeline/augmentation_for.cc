#include "pipeline/augmentation_for.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "forecast/priors.h"

namespace nacre {
namespace {

constexpr AugmentationKinds kDefault{.flip = true, .shift = true, .cutout = true};  // decision 36

}  // namespace

Augmentation AugmentationFor(const RunConfig& config, int64_t height) {
  const AugmentationKinds kinds = config.augmentation.value_or(kDefault);
  const auto pixels = [&](double share) {
    return static_cast<int64_t>(share * static_cast<double>(height));
  };
  Augmentation augmentation{.flip = kinds.flip, .mirrored = kinds.flip, .shift = 0};  // decision 23
  if (kinds.shift) augmentation.shift = std::max<int64_t>(1, pixels(priors::kTeacherShift));
  if (kinds.crop) augmentation.zoom = priors::kTeacherZoom;
  if (kinds.color) augmentation.color = priors::kTeacherColor;
  if (kinds.cutout) augmentation.cutout = pixels(priors::kTeacherCutout);
  return augmentation;
}

std::string Describe(const Augmentation& augmentation) {
  std::vector<std::string> parts;
  if (augmentation.flip) parts.emplace_back("flip");
  if (augmentation.zoom > 0)
    parts.push_back(
        fmt::format("windows of {:.0f} to 100 % of a side", 100 * (1 - augmentation.zoom)));
  else if (augmentation.shift > 0)
    parts.push_back(fmt::format("shift by up to {} pixels", augmentation.shift));
  if (augmentation.color > 0)
    parts.push_back(
        fmt::format("brightness and contrast by up to {:.0f} %", 100 * augmentation.color));
  if (augmentation.cutout > 0)
    parts.push_back(fmt::format("cutout of {} pixels", augmentation.cutout));
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace nacre
