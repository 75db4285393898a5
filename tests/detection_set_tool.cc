// detection_set_tool PATH [OTHER]: what is in a set of images for detection, as JSON: counts, sums
// of the boxes for each class, and what a person should know. With OTHER also the images in common.
#include <iostream>
#include <nlohmann/json.hpp>

#include "data/detection_set.h"

using namespace nacre;

namespace {

using Json = nlohmann::json;

Expected<DetectionSet> Read(const char* path, const std::vector<ObjectClass>& classes,
                            DetectionReport& report) {
  DetectionOptions options;
  options.preprocess.height = options.preprocess.width = 32;
  options.check.classes = classes;
  options.look_through = false;
  return ReadDetectionSet(path, options, &report);
}

Expected<Json> Describe(int argc, char** argv) {
  DetectionReport report;
  NACRE_TRY(const DetectionSet set, Read(argv[1], {}, report));
  Json classes = Json::array();
  for (const ObjectClass& one : set.classes)
    classes.push_back({{"id", one.id}, {"name", one.name}, {"objects", 0}, {"area", 0.0}});
  for (const auto& objects : set.objects) {
    for (const TrueObject& object : objects) {
      Json& of = classes[static_cast<size_t>(object.label)];
      of["objects"] = of["objects"].get<int64_t>() + 1;
      of["area"] = of["area"].get<double>() + object.box.area();
    }
  }
  Json described = {{"form", report.form},       {"images", report.images},
                    {"objects", report.objects}, {"classes", classes},
                    {"hash", set.images.hash},   {"notes", DetectionNotes(report)}};
  if (argc > 2) {
    NACRE_TRY(const DetectionSet other, Read(argv[2], set.classes, report));
    NACRE_TRY(const auto shared, FindShared(other, set));
    described["shared"] = shared ? DescribeProblem(*shared) : "";
  }
  return described;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const auto described = Describe(argc, argv);
  if (!described) {
    std::cerr << described.error().message << '\n';
    return static_cast<int>(described.error().kind);
  }
  std::cout << described->dump() << '\n';
  return 0;
}
