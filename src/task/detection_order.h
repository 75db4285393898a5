// What both metrics of detection do first. Private to task/. Thread-safe.
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "task/detection_metric.h"

namespace nacre::task_internal {

inline void CheckDetections(const TrueObjects& truth, const Detections& detections, int classes) {
  if (truth.size() != detections.size())
    throw std::logic_error("detection metric: truth and detections have different images");
  const auto known = [&](const auto& of_image) {
    return std::all_of(of_image.begin(), of_image.end(), [&](const auto& entry) {
      return entry.label >= 0 && entry.label < classes;
    });
  };
  if (!std::all_of(truth.begin(), truth.end(), known) ||
      !std::all_of(detections.begin(), detections.end(), known))
    throw std::logic_error("detection metric: there is no such class");
}

inline bool IsNan(const Detection& found) {
  return std::isnan(found.score) || std::isnan(found.box.x0) || std::isnan(found.box.y0) ||
         std::isnan(found.box.x1) || std::isnan(found.box.y1);
}

// By falling score; the order decides between equal ones.
template <typename Scored>
void SortByScore(std::vector<Scored>& found) {
  std::stable_sort(found.begin(), found.end(),
                   [](const Scored& a, const Scored& b) { return a.score > b.score; });
}

}  // namespace nacre::task_internal
