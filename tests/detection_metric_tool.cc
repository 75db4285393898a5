// detection_metric_tool TRUTH.json RESULTS.json: the scores of detections in COCO's form of results
// ([{"image_id", "category_id", "bbox", "score"}, ...]) as JSON, null where there is none.
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "data/annotations.h"
#include "task/detection_metric.h"

using namespace nacre;

namespace {

using Json = nlohmann::json;

Json Number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json Numbers(const std::vector<std::optional<double>>& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(Number(value));
  return list;
}

// What the ids of a file stand for.
struct Ids {
  std::unordered_map<int64_t, size_t> image;
  std::unordered_map<int64_t, int> label;

  explicit Ids(const Annotations& from) {
    for (const auto& one : from.images) image.emplace(one.id, image.size());
    for (const auto& one : from.classes) label.emplace(one.id, static_cast<int>(label.size()));
  }
};

TrueObjects Truth(const Annotations& from, const Ids& ids) {
  TrueObjects truth(from.images.size());
  for (const AnnotatedObject& object : from.objects) {
    truth[ids.image.at(object.image)].push_back({.label = ids.label.at(object.category),
                                                 .box = object.box,
                                                 .area = object.area,
                                                 .crowd = object.crowd});
  }
  return truth;
}

Detections Found(const char* file, const Ids& ids) {
  std::ifstream stream(file);
  Detections found(ids.image.size());
  for (const Json& one : Json::parse(stream)) {
    const auto side = one.at("bbox").get<std::vector<double>>();
    found[ids.image.at(one.at("image_id"))].push_back(
        {ids.label.at(one.at("category_id")),
         one.at("score"),
         {side[0], side[1], side[0] + side[2], side[1] + side[3]}});
  }
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto annotations = ReadAnnotations(argv[1]);
  if (!annotations) {
    std::cerr << annotations.error().message << '\n';
    return 1;
  }
  const Ids ids(*annotations);
  const TrueObjects truth = Truth(*annotations, ids);
  const Detections found = Found(argv[2], ids);
  const int classes = static_cast<int>(ids.label.size());
  const auto begin = std::chrono::steady_clock::now();
  const CocoScores coco = CocoMatches(truth, found, classes).Score();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const Json result = {
      {"coco",
       {Number(coco.map), Number(coco.map50), Number(coco.map75), Number(coco.small),
        Number(coco.medium), Number(coco.large)}},
      {"by_class", Numbers(coco.by_class)},
      {"voc2007", Numbers(MeasureVoc(truth, found, classes, VocRule::k2007).by_class)},
      {"voc2010", Numbers(MeasureVoc(truth, found, classes, VocRule::k2010).by_class)},
      {"seconds", seconds.count()}};
  std::cout << result.dump() << '\n';
  return 0;
}
