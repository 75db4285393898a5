// Detection: answers are boxes with classes, judged by their average precision. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/detection_set.h"
#include "task/detector_outputs.h"
#include "task/task.h"

namespace nacre {

// What accuracy means: COCO's mAP, mean over overlaps from 0.5 to 0.95, or at 0.5 alone; Pascal
// VOC's, of 2007 and since 2010.
enum class BoxMetric { kMap, kMap50, kVoc2007, kVoc2010 };
std::string BoxMetricName(BoxMetric metric);   // as in a run file: "map"
std::string BoxMetricTitle(BoxMetric metric);  // for people: "mAP"
std::optional<BoxMetric> ParseBoxMetric(const std::string& name);

// One detection of one image after the other, as bytes, and back. Throws std::logic_error on bytes
// that no record has.
std::string RecordOf(const Detections& detections);
Detections DetectionsIn(const std::string& record);

// Runs what lies behind the heads for one image: from the core's outputs to those of the file.
using TailRunner = std::function<Expected<std::vector<Tensor>>(const std::vector<Tensor>& heads)>;

// The set with these images, by their hash; null: it is not known.
using KnownBoxes = std::function<std::shared_ptr<const DetectionSet>(const std::string& images)>;

struct DetectionSetup {
  AnswerForm answers;        // the core's outputs
  std::vector<Shape> heads;  // of each of them, for one image
  TailRunner tail;           // empty: the heads are the file's outputs
  DetectorForm detector;
  BoxMetric metric = BoxMetric::kMap;
  KnownBoxes known;
};

class DetectionTask final : public Task {
 public:
  explicit DetectionTask(DetectionSetup setup) : setup_(std::move(setup)) {}

  const AnswerForm& form() const override { return setup_.answers; }
  // Without an object that counts, accuracy is 0.
  Expected<Judged> Judge(const Tensor& answers, const ImageSet& images) const override;
  // The interval is that of a bootstrap over images.
  Accuracy Measure(const std::string& record, const ImageSet& images) const override;
  Drop Compare(const std::string& original, const std::string& result, const ImageSet& images,
               const MaxDrop& most) const override;

  // The file's outputs for every image, [images][outputs].
  Expected<std::vector<std::vector<Tensor>>> OutputsOf(const Tensor& answers) const;
  // What those show, read as `form` says. `images`: of a known set.
  Expected<Detections> Read(const std::vector<std::vector<Tensor>>& outputs,
                            const DetectorForm& form, const ImageSet& images) const;
  // Of these detections.
  double ValueOf(const Detections& detections, const ImageSet& images) const;

 private:
  // Throws std::logic_error when it is not known.
  std::shared_ptr<const DetectionSet> SetOf(const ImageSet& images) const;

  const DetectionSetup setup_;
};

}  // namespace nacre
