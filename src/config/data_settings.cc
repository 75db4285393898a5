#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "config/setting.h"

namespace nacre::config_internal {
namespace {

Setting OutputSetting() {
  return {"model.output", "--output", "the output that classifies; default: the only one that can",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            c.output = text;
            return {};
          },
          [](const RunConfig& c) {
            return c.output.empty() ? Text() : fmt::format("\"{}\"", c.output);
          }};
}

Setting TaskSetting() {
  return {"data.task", "--task",
          "the truth: the images' class folders (classification), boxes in COCO's or Pascal VOC's "
          "form (detection), or what the original answers, for images without labels (agreement)",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            const auto task = ParseTask(text);
            if (!task) return Bad("data.task", text, "one of classification, detection, agreement");
            c.task = *task;
            return {};
          },
          [](const RunConfig& c) { return fmt::format("\"{}\"", TaskName(c.task)); }};
}

Setting MetricSetting() {
  return {"data.metric", "--metric",
          "what accuracy is: top1, top5, or balanced, top-1 with all classes counting alike; of "
          "boxes map (COCO), map50, voc07 or voc10",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            c.detection.metric = ParseBoxMetric(text);
            if (c.detection.metric) return {};
            const Metric* metric = FindMetric(text);
            if (metric == nullptr) {
              return Bad("data.metric", text,
                         fmt::format("one of {}, map, map50, voc07, voc10",
                                     fmt::join(MetricNames(), ", ")));
            }
            c.metric = metric;
            return {};
          },
          [](const RunConfig& c) { return fmt::format("\"{}\"", MetricName(c)); }};
}

Setting OrientationSetting() {
  return {"data.orientation", "--orientation",
          "photographs that lie on a side: turned upright (exif), or as they are stored (file)",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            const auto orientation = ParseOrientation(text);
            if (!orientation) return Bad("data.orientation", text, "one of exif, file");
            c.orientation = *orientation;
            return {};
          },
          [](const RunConfig& c) { return fmt::format("\"{}\"", OrientationName(c.orientation)); }};
}

struct AugmentationName {
  const char* name;
  bool AugmentationKinds::*field;
};
constexpr AugmentationName kAugmentationNames[] = {{"flip", &AugmentationKinds::flip},
                                                   {"shift", &AugmentationKinds::shift},
                                                   {"crop", &AugmentationKinds::crop},
                                                   {"color", &AugmentationKinds::color},
                                                   {"cutout", &AugmentationKinds::cutout}};

Expected<std::optional<AugmentationKinds>> ParseAugmentation(const Text& text) {
  if (text == "auto") return std::nullopt;
  AugmentationKinds kinds;
  if (text == "none") return kinds;
  std::stringstream parts(text);
  for (Text part; std::getline(parts >> std::ws, part, ',');) {
    const auto* const found =
        std::find_if(std::begin(kAugmentationNames), std::end(kAugmentationNames),
                     [&](const AugmentationName& known) { return part == known.name; });
    if (found == std::end(kAugmentationNames)) {
      return Bad("data.augmentation", text,
                 "auto, none, or some of flip, shift, crop, color, cutout, with commas");
    }
    kinds.*found->field = true;
  }
  return kinds;
}

Text AugmentationText(const std::optional<AugmentationKinds>& kinds) {
  if (!kinds) return "auto";
  std::vector<Text> names;
  for (const AugmentationName& each : kAugmentationNames) {
    if ((*kinds).*each.field) names.emplace_back(each.name);
  }
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ","));
}

Setting AugmentationSetting() {
  return {
      "data.augmentation", "--augmentation",
      "how training images vary: some of flip, shift, crop, color, cutout, with commas; none; "
      "or flip,shift,cutout (auto)",
      [](RunConfig& c, const Text& text) -> Expected<void> {
        NACRE_TRY(c.augmentation, ParseAugmentation(text));
        return {};
      },
      [](const RunConfig& c) { return fmt::format("\"{}\"", AugmentationText(c.augmentation)); }};
}

Setting DataHashSetting() {
  return {"data.hash", "--hash",
          "what tells images from others: names, sizes and times of the files (list), or their "
          "pixels, as after a copy (content)",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            if (text != "list" && text != "content")
              return Bad("data.hash", text, "one of list, content");
            c.data_hash = text == "list" ? DataHash::kList : DataHash::kContent;
            return {};
          },
          [](const RunConfig& c) {
            return Text(c.data_hash == DataHash::kList ? "\"list\"" : "\"content\"");
          }};
}

}  // namespace

std::vector<Setting> DataSettings() {
  return {
      PathSetting("model.path", "", "the trained network, ONNX", &RunConfig::model),
      OutputSetting(),
      NumberSetting(
          "model.accuracy", "--accuracy",
          "the stated accuracy in [0,1], reproduced before anything else", {0, 1, false},
          [](RunConfig& c, double v) { c.stated_accuracy = v; },
          [](const RunConfig& c) {
            return c.stated_accuracy ? fmt::format("{}", *c.stated_accuracy) : Text();
          }),
      PathSetting("data.train", "--train",
                  "ImageFolder to train on; for detection a COCO file, or a list of Pascal VOC",
                  &RunConfig::train),
      PathSetting("data.val", "--val",
                  "ImageFolder to select by, unseen by the original; default: half of test",
                  &RunConfig::validation),
      PathSetting("data.test", "--test",
                  "ImageFolder read once, at acceptance; without val half of it", &RunConfig::test),
      PathSetting("data.classes", "--classes",
                  "file with a class name a line, in the order of the network's outputs; default: "
                  "the class folders in the order of text",
                  &RunConfig::classes),
      TaskSetting(),
      MetricSetting(),
      OrientationSetting(),
      AugmentationSetting(),
      BytesSetting("data.memory", "--data-memory",
                   "memory for the decoded images of a folder, 500MiB, 4GiB; default: a third of "
                   "what is free; images that it does not hold are decoded when they are needed",
                   [](RunConfig& c) -> double& { return c.image_memory; }),
      DataHashSetting()};
}

}  // namespace nacre::config_internal
