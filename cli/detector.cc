#include "cli/detector.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "onnx/onnx.h"
#include "pipeline/detection_task_for.h"
#include "pipeline/fit_to_preprocess.h"
#include "pipeline/load_detection.h"
#include "target/evaluate.h"
#include "target/remote.h"

namespace nacre {
namespace {

using Json = nlohmann::json;

struct DetectorFigures {
  Accuracy accuracy;  // by the metric that was asked for
  CocoScores coco;
};

Expected<DetectorFigures> Measure(const Core& core, const JudgedDetector& judged,
                                  const RunConfig& config, Compiler& compiler) {
  const DetectionTask& task = *judged.task;
  const CompileOptions compile{config.target.precision, InspectMachine().cores, kDynamic};
  NACRE_TRY(const Tensor answers, PredictCompiled(compiler, JoinAnswers(core.network, task.form()),
                                                  compile, judged.set->images));
  NACRE_TRY(const Judged found, task.Judge(answers, judged.set->images));
  const CocoMatches matches(judged.set->objects, DetectionsIn(found.record),
                            static_cast<int>(judged.set->classes.size()));
  return DetectorFigures{task.Measure(found.record, judged.set->images), matches.Score()};
}

Json Optional(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

void PrintFiguresAsJson(const DetectorFigures& figures, const DetectionSet& set, BoxMetric metric) {
  Json by_class = Json::object();
  for (size_t i = 0; i < set.classes.size(); ++i)
    by_class[set.classes[i].name] = Optional(figures.coco.by_class[i]);
  const Json json{{"metric", BoxMetricName(metric)},
                  {"accuracy", figures.accuracy.value},
                  {"accuracy_ci", {figures.accuracy.low, figures.accuracy.high}},
                  {"images", figures.accuracy.images},
                  {"map", Optional(figures.coco.map)},
                  {"map50", Optional(figures.coco.map50)},
                  {"map75", Optional(figures.coco.map75)},
                  {"map_small", Optional(figures.coco.small)},
                  {"map_medium", Optional(figures.coco.medium)},
                  {"map_large", Optional(figures.coco.large)},
                  {"by_class", by_class}};
  fmt::print("{}\n", json.dump(2));
}

void PrintFigures(const DetectorFigures& figures, BoxMetric metric) {
  const auto percent = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.2f} %", 100 * *value) : std::string("none");
  };
  fmt::print("{} {:.2f} %  (95 % interval {:.2f} to {:.2f}, {} images)\n", BoxMetricTitle(metric),
             100 * figures.accuracy.value, 100 * figures.accuracy.low, 100 * figures.accuracy.high,
             figures.accuracy.images);
  fmt::print("COCO: mAP {}, at overlap 0.5 {}, at 0.75 {}; small objects {}, medium {}, large {}\n",
             percent(figures.coco.map), percent(figures.coco.map50), percent(figures.coco.map75),
             percent(figures.coco.small), percent(figures.coco.medium),
             percent(figures.coco.large));
}

}  // namespace

Expected<JudgedDetector> JudgeDetector(const Core& core, const Network& file,
                                       const RunConfig& config, const std::filesystem::path& path,
                                       const std::vector<ObjectClass>& classes,
                                       Compiler& compiler) {
  std::vector<std::string> notes;  // said where they are found
  DetectionOptions options = BoxOptions(config, config.preprocess);
  options.check.classes = classes;
  NACRE_TRY(DetectionSet boxes, ReadBoxes(path, options, notes));
  JudgedDetector judged{.set = std::make_shared<const DetectionSet>(std::move(boxes))};
  NACRE_TRY(judged.task,
            DetectionTaskFor({.core = core,
                              .file = file.outputs,
                              .settings = config.detection,
                              .set = *judged.set,
                              .compiler = compiler,
                              .threads = InspectMachine().cores,
                              .known = [set = judged.set](const auto&) { return set; }},
                             notes));
  return judged;
}

Expected<void> EvaluateDetector(RunConfig config, const std::filesystem::path& path, bool json) {
  NACRE_CHECK_OK(CheckTask(config));
  NACRE_TRY(const Network file, ReadOnnx(config.model));
  NACRE_TRY(const Core core, FindCore(file, {.output = config.output,
                                             .height = config.preprocess.height,
                                             .width = config.preprocess.width,
                                             .heads = true,
                                             .only_trainable = false,
                                             .dequantize = false}));
  NACRE_CHECK_OK(FitToPreprocess(core, config.preprocess));
  NACRE_TRY(const MachineInfo machine, InspectTarget(config.target));
  NACRE_CHECK_OK(CheckServes(machine, config.target));
  const auto compiler = MakeOpenVinoCompiler();
  NACRE_TRY(const JudgedDetector judged, JudgeDetector(core, file, config, path, {}, *compiler));
  NACRE_TRY(const DetectorFigures figures, Measure(core, judged, config, *compiler));
  if (json) {
    PrintFiguresAsJson(figures, *judged.set, config.detection.Metric());
  } else {
    PrintFigures(figures, config.detection.Metric());
  }
  return {};
}

}  // namespace nacre
