// Which detections of one class in one image match which true objects, as pycocotools decides
// (cocoeval.py, evaluateImg).
// Private to task/. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "task/detection_metric.h"

namespace nacre::task_internal {

inline constexpr size_t kIous = 10;

// 0.50, 0.55, ..., 0.95, bit by bit as numpy.linspace gives them.
const std::array<double, kIous>& Ious();

struct AreaRange {
  double least, most;  // pixels, both inside
};
inline constexpr std::array<AreaRange, 4> kAreaRanges = {
    {{0, 1e10}, {0, 32.0 * 32}, {32.0 * 32, 96.0 * 96}, {96.0 * 96, 1e10}}};

// For each detection, one bit for each IoU.
struct Outcome {
  uint16_t matched = 0, passed_over = 0;
};

// One image's true objects and detections of one class.
class Cell {
 public:
  // `detections` are sorted by falling score.
  Cell(std::vector<TrueObject> truth, std::vector<Detection> detections);

  // True objects whose area is in the range, and which count.
  int32_t Asked(const AreaRange& range) const;
  std::vector<Outcome> Match(const AreaRange& range) const;  // [detections]

 private:
  bool PassedOver(const TrueObject& object, const AreaRange& range) const;
  // The true object that the detection takes, as a place in `order`; -1: none.
  int64_t Best(size_t detection, double iou, const std::vector<size_t>& order, size_t counting,
               const std::vector<bool>& taken) const;
  void MatchAt(size_t bit, const std::vector<size_t>& order, size_t counting,
               const AreaRange& range, std::vector<Outcome>& outcomes) const;

  const std::vector<TrueObject> truth_;
  const std::vector<Detection> detections_;
  std::vector<double> overlaps_;  // [detections, truth]
};

}  // namespace nacre::task_internal
