#include "pipeline/detection_task_for.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <numeric>
#include <utility>

#include "base/log.h"
#include "graph/shapes.h"
#include "target/evaluate.h"
#include "task/answer_parts.h"

namespace nacre {
namespace {

constexpr int64_t kReadingImages = 200;  // that the reading is chosen by. A guess
constexpr double kLeastMap = 0.01;       // at overlap 0.5; below it nothing is found. A guess

Expected<std::vector<Shape>> HeadShapes(const Network& core) {
  NACRE_TRY(const auto shapes, InferShapes(core, 1));
  std::vector<Shape> heads;
  for (const Value& output : core.outputs) heads.push_back(shapes.at(output.name).shape);
  return heads;
}

// Runs the tail in float, one image at a time, as it is in the file that is deployed.
Expected<TailRunner> RunnerOf(const Core& core, Compiler& compiler) {
  NACRE_TRY(const Network tail, TailOf(core));
  if (tail.nodes.empty()) return TailRunner();
  auto compiled = compiler.Compile(tail, {Precision::kFp32, 1, 1});
  if (!compiled) {
    return Fail(ErrorKind::kModel,
                "what lies behind the heads does not compile: " + compiled.error().message);
  }
  const std::shared_ptr<CompiledNetwork> network = std::move(*compiled);
  const auto mutex = std::make_shared<std::mutex>();
  return TailRunner([network, mutex](const std::vector<Tensor>& heads) {
    const std::lock_guard guard(*mutex);
    return network->Run(heads);
  });
}

bool Wanted(const DetectionSettings& settings, const BoxReading& reading) {
  return (!settings.order || *settings.order == reading.order) &&
         (!settings.unit || *settings.unit == reading.unit) &&
         (!settings.first_class || *settings.first_class == reading.first_class);
}

// `outputs`: what boxes are read from.
Expected<std::vector<BoxReading>> ReadingsFor(const DetectorInputs& inputs,
                                              const std::vector<Value>& outputs,
                                              const DetectorForm& form) {
  const int64_t columns = form.outputs.classes ? 0 : outputs[form.outputs.scores].shape.back();
  std::vector<BoxReading> readings;
  for (const BoxReading& each : PossibleReadings(columns, form.classes)) {
    if (Wanted(inputs.settings, each)) readings.push_back(each);
  }
  if (form.anchors && !readings.empty()) readings.resize(1);  // the code says what boxes are
  if (!readings.empty()) return readings;
  return Fail(ErrorKind::kModel,
              fmt::format("the detector scores {} columns, but the images have {} classes: there "
                          "must be a column for each, and one more for none at most",
                          columns, form.classes));
}

Expected<std::optional<AnchorSet>> AnchorsFor(const DetectorInputs& inputs, bool decoded) {
  const std::filesystem::path& path = inputs.settings.anchors;
  if (decoded && !path.empty()) {
    return Fail(ErrorKind::kUsage,
                "--anchors is for raw heads, but the model decodes its boxes itself: leave it out");
  }
  if (!decoded && path.empty()) {
    return Fail(ErrorKind::kUsage,
                "the model ends with raw heads: --anchors FILE says what they are decoded with, as "
                "JSON: {\"anchors\": [[centre x, centre y, width, height], ...]} in fractions of "
                "the sides");
  }
  if (decoded) return std::nullopt;
  NACRE_TRY(AnchorSet anchors, ReadAnchors(path));
  return std::optional(std::move(anchors));
}

Expected<Tensor> OriginalAnswers(const DetectorInputs& inputs, const AnswerForm& form,
                                 const ImageSet& images) {
  return PredictCompiled(inputs.compiler, JoinAnswers(inputs.core.network, form),
                         {Precision::kFp32, inputs.threads, kDynamic}, images);
}

// The reading by which the original finds most of what is there.
Expected<BoxReading> ChooseReading(const DetectorInputs& inputs, const DetectionSetup& setup,
                                   const std::vector<BoxReading>& readings) {
  std::vector<int64_t> some(static_cast<size_t>(std::min(kReadingImages, inputs.set.count())));
  std::iota(some.begin(), some.end(), int64_t{0});
  const auto subset = std::make_shared<const DetectionSet>(inputs.set.Subset(some));
  DetectionSetup trial = setup;
  trial.metric = BoxMetric::kMap50;
  trial.known = [subset](const std::string&) { return subset; };
  const DetectionTask task(trial);
  NACRE_TRY(const Tensor answers, OriginalAnswers(inputs, setup.answers, subset->images));
  NACRE_TRY(const auto outputs, task.OutputsOf(answers));
  std::pair<double, BoxReading> best{-1, readings.front()};
  for (const BoxReading& reading : readings) {
    DetectorForm form = setup.detector;
    form.reading = reading;
    NACRE_TRY(const Detections found, task.Read(outputs, form, subset->images));
    const double map = task.ValueOf(found, subset->images);
    if (map > best.first) best = {map, reading};
  }
  if (best.first >= kLeastMap) return best.second;
  return Fail(ErrorKind::kData,
              fmt::format("the original finds nothing: mAP@0.5 is {:.2f} % on {} images at best, "
                          "with boxes read as {}; are the preprocessing (--mean, --std, --color, "
                          "--resize), the order of classes and --boxes right?",
                          100 * best.first, subset->count(), Describe(best.second)));
}

}  // namespace

Expected<std::shared_ptr<const DetectionTask>> DetectionTaskFor(const DetectorInputs& inputs,
                                                                std::vector<std::string>& notes) {
  DetectionSetup setup{.metric = inputs.settings.Metric(), .known = inputs.known};
  setup.detector.classes = static_cast<int64_t>(inputs.set.classes.size());
  NACRE_TRY(setup.answers, AnswerPartsOf(inputs.core, setup.detector.classes));
  NACRE_TRY(setup.heads, HeadShapes(inputs.core.network));
  NACRE_TRY(setup.tail, RunnerOf(inputs.core, inputs.compiler));
  // Without a tail the heads themselves are read, whose order need not be that of the file.
  const std::vector<Value>& outputs = setup.tail ? inputs.file : inputs.core.network.outputs;
  NACRE_TRY(setup.detector.outputs, FindDetectorOutputs(outputs));
  const bool decoded = setup.tail || setup.detector.outputs.classes;
  NACRE_TRY(setup.detector.anchors, AnchorsFor(inputs, decoded));
  NACRE_TRY(const auto readings, ReadingsFor(inputs, outputs, setup.detector));
  NACRE_TRY(setup.detector.reading, ChooseReading(inputs, setup, readings));
  const std::string note =
      setup.detector.anchors
          ? fmt::format("boxes are decoded with {} anchors", setup.detector.anchors->anchors.size())
          : "boxes are read as " + Describe(setup.detector.reading);
  Info(note);
  notes.push_back(note);
  return std::make_shared<const DetectionTask>(std::move(setup));
}

}  // namespace nacre
