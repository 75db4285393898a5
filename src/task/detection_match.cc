#include "task/detection_match.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace nacre::task_internal {
namespace {

// With a crowd: the share of the detection that lies inside.
double Overlap(const Detection& found, const TrueObject& object) {
  if (!object.crowd) return Iou(found.box, object.box);
  const double shared = SharedArea(found.box, object.box);
  return shared > 0 ? shared / found.box.area() : 0;
}

bool IsInside(double area, const AreaRange& range) {
  return area >= range.least && area <= range.most;
}

}  // namespace

const std::array<double, kIous>& Ious() {
  static const std::array<double, kIous> ious = [] {
    constexpr double first = 0.5, last = 0.95, step = (last - first) / (kIous - 1);
    std::array<double, kIous> values{};
    for (size_t i = 0; i < kIous; ++i) values[i] = static_cast<double>(i) * step + first;
    values.back() = last;
    return values;
  }();
  return ious;
}

Cell::Cell(std::vector<TrueObject> truth, std::vector<Detection> detections)
    : truth_(std::move(truth)), detections_(std::move(detections)) {
  overlaps_.reserve(truth_.size() * detections_.size());
  for (const Detection& found : detections_) {
    for (const TrueObject& object : truth_) overlaps_.push_back(Overlap(found, object));
  }
}

bool Cell::PassedOver(const TrueObject& object, const AreaRange& range) const {
  return object.crowd || object.difficult || !IsInside(object.area, range);
}

int32_t Cell::Asked(const AreaRange& range) const {
  return static_cast<int32_t>(
      std::count_if(truth_.begin(), truth_.end(),
                    [&](const TrueObject& object) { return !PassedOver(object, range); }));
}

std::vector<Outcome> Cell::Match(const AreaRange& range) const {
  // Those that count come first.
  std::vector<size_t> order(truth_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto middle = std::stable_partition(
      order.begin(), order.end(), [&](size_t i) { return !PassedOver(truth_[i], range); });
  const auto counting = static_cast<size_t>(middle - order.begin());
  std::vector<Outcome> outcomes(detections_.size());
  for (size_t bit = 0; bit < kIous; ++bit) MatchAt(bit, order, counting, range, outcomes);
  return outcomes;
}

int64_t Cell::Best(size_t detection, double iou, const std::vector<size_t>& order, size_t counting,
                   const std::vector<bool>& taken) const {
  // An IoU of 1 is reached in spite of rounding.
  double least = std::min(iou, 1 - 1e-10);
  int64_t best = -1;
  const double* overlaps = overlaps_.data() + detection * truth_.size();
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == counting && best >= 0) break;  // what counts is better than what does not
    const size_t object = order[i];
    if (taken[i] && !truth_[object].crowd) continue;
    if (overlaps[object] < least) continue;
    least = overlaps[object];
    best = static_cast<int64_t>(i);
  }
  return best;
}

void Cell::MatchAt(size_t bit, const std::vector<size_t>& order, size_t counting,
                   const AreaRange& range, std::vector<Outcome>& outcomes) const {
  const auto mask = static_cast<uint16_t>(1U << bit);
  std::vector<bool> taken(order.size());
  for (size_t i = 0; i < detections_.size(); ++i) {
    const int64_t best = Best(i, Ious()[bit], order, counting, taken);
    bool passed_over = false;
    if (best < 0) {
      passed_over = !IsInside(detections_[i].box.area(), range);
    } else {
      taken[static_cast<size_t>(best)] = true;
      passed_over = static_cast<size_t>(best) >= counting;
      outcomes[i].matched |= mask;
    }
    if (passed_over) outcomes[i].passed_over |= mask;
  }
}

}  // namespace nacre::task_internal
