#include "pipeline/show_boxes.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/read_file.h"
#include "task/detection_task.h"

namespace nacre {
namespace {

constexpr size_t kPictures = 4;
constexpr double kLeastScore = 0.5;
constexpr size_t kMostBytes = 1 << 20;  // of a file that is embedded

std::string DataUrl(const std::string& file) {
  const auto bytes = ReadWholeFile(file);
  if (!bytes || bytes->size() > kMostBytes) return "";
  const bool png = bytes->starts_with("\x89PNG");
  return fmt::format("data:image/{};base64,{}", png ? "png" : "jpeg", Base64(*bytes));
}

ShownBox Show(const Box& box, std::string label) {
  return {box.x0, box.y0, box.x1, box.y1, std::move(label)};
}

std::vector<ShownBox> Found(const DetectionSet& set, const std::vector<Detection>& detections) {
  std::vector<ShownBox> shown;
  for (const Detection& each : detections) {
    if (each.score < kLeastScore) continue;
    const std::string& name = set.classes[static_cast<size_t>(each.label)].name;
    shown.push_back(Show(each.box, fmt::format("{} {:.2f}", name, each.score)));
  }
  return shown;
}

}  // namespace

std::vector<ShownPicture> ShowBoxes(const DetectionSet& set, const std::string& original,
                                    const std::string& result) {
  const Detections before = DetectionsIn(original), after = DetectionsIn(result);
  std::vector<ShownPicture> pictures;
  for (size_t i = 0; i < set.objects.size() && pictures.size() < kPictures; ++i) {
    if (set.objects[i].empty()) continue;
    ShownPicture picture{.data = DataUrl(set.images.source->File(static_cast<int64_t>(i))),
                         .width = set.sizes[i].width,
                         .height = set.sizes[i].height};
    for (const TrueObject& object : set.objects[i]) {
      picture.truth.push_back(
          Show(object.box, set.classes[static_cast<size_t>(object.label)].name));
    }
    picture.original = Found(set, before.at(i));
    picture.result = Found(set, after.at(i));
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

}  // namespace nacre
