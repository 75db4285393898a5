#include "task/detection_metric.h"

#include <limits>
#include <map>
#include <stdexcept>

#include "task/detection_match.h"
#include "task/detection_order.h"

namespace nacre {

using namespace task_internal;

namespace {

constexpr size_t kMostDetections = 100;  // of a class in an image
constexpr int kRecallPoints = 101;

struct Mean {
  double sum = 0;
  int64_t count = 0;

  void Add(const std::optional<double>& value) {
    if (!value) return;
    sum += *value;
    ++count;
  }
  std::optional<double> Value() const {
    if (count == 0) return std::nullopt;
    return sum / static_cast<double>(count);
  }
};

// Recall and precision after each detection, by falling score.
struct Curve {
  std::vector<double> recall, precision;
};

// The mean of the best precision at recall 0, 0.01, ..., 1 or more.
double AverageAtPoints(Curve& curve) {
  for (size_t i = curve.precision.size(); i-- > 1;)
    curve.precision[i - 1] = std::max(curve.precision[i - 1], curve.precision[i]);
  double sum = 0;
  size_t at = 0;
  for (int point = 0; point < kRecallPoints; ++point) {
    const double least = point * (1.0 / (kRecallPoints - 1));
    while (at < curve.recall.size() && curve.recall[at] < least) ++at;
    if (at == curve.recall.size()) break;
    sum += curve.precision[at];
  }
  return sum / kRecallPoints;
}

}  // namespace

CocoMatches::CocoMatches(const TrueObjects& truth, const Detections& detections, int classes)
    : images_(static_cast<int64_t>(truth.size())), classes_(static_cast<size_t>(classes)) {
  CheckDetections(truth, detections, classes);
  for (size_t image = 0; image < truth.size(); ++image)
    AddImage(static_cast<int32_t>(image), truth[image], detections[image]);
  for (OfClass& of : classes_) SortByScore(of.found);
}

void CocoMatches::AddImage(int32_t image, const std::vector<TrueObject>& truth,
                           const std::vector<Detection>& detections) {
  struct Group {
    std::vector<TrueObject> truth;
    std::vector<Detection> detections;
  };
  std::map<int, Group> groups;
  for (const TrueObject& object : truth) groups[object.label].truth.push_back(object);
  for (const Detection& found : detections) {
    if (!IsNan(found)) groups[found.label].detections.push_back(found);
  }
  for (auto& [label, group] : groups) {
    SortByScore(group.detections);
    if (group.detections.size() > kMostDetections) group.detections.resize(kMostDetections);
    OfClass& of = classes_[static_cast<size_t>(label)];
    const size_t first = of.found.size();
    for (const Detection& found : group.detections)
      of.found.push_back({.score = found.score, .image = image});
    const Cell cell(std::move(group.truth), std::move(group.detections));
    Asked asked{.image = image};
    for (size_t area = 0; area < kAreas; ++area) {
      asked.objects[area] = cell.Asked(kAreaRanges[area]);
      const std::vector<Outcome> outcomes = cell.Match(kAreaRanges[area]);
      for (size_t i = 0; i < outcomes.size(); ++i) {
        of.found[first + i].matched[area] = outcomes[i].matched;
        of.found[first + i].passed_over[area] = outcomes[i].passed_over;
      }
    }
    of.asked.push_back(asked);
  }
}

std::optional<double> CocoMatches::Average(const OfClass& of, size_t area, size_t iou,
                                           const std::vector<int>& draws) const {
  int64_t asked = 0;
  for (const Asked& one : of.asked)
    asked += int64_t{one.objects[area]} * draws[static_cast<size_t>(one.image)];
  if (asked == 0) return std::nullopt;
  Curve curve;
  double right = 0, wrong = 0;
  for (const Found& found : of.found) {
    const int times = draws[static_cast<size_t>(found.image)];
    if (times == 0 || (found.passed_over[area] >> iou & 1) != 0) continue;
    ((found.matched[area] >> iou & 1) != 0 ? right : wrong) += times;
    curve.recall.push_back(right / static_cast<double>(asked));
    curve.precision.push_back(right / (right + wrong + std::numeric_limits<double>::epsilon()));
  }
  return AverageAtPoints(curve);
}

CocoScores CocoMatches::Score() const {
  return Score(std::vector<int>(static_cast<size_t>(images_), 1));
}

CocoScores CocoMatches::Score(const std::vector<int>& draws) const {
  if (static_cast<int64_t>(draws.size()) != images_ ||
      std::any_of(draws.begin(), draws.end(), [](int times) { return times < 0; }))
    throw std::logic_error("CocoMatches::Score: one number of draws for each image is needed");
  constexpr size_t at50 = 0, at75 = 5;
  std::array<Mean, kAreas> of_area;
  std::array<Mean, kIous> of_iou;  // of all areas
  CocoScores scores;
  for (const OfClass& of : classes_) {
    Mean of_class;
    for (size_t iou = 0; iou < kIous; ++iou) {
      for (size_t area = 0; area < kAreas; ++area) {
        const std::optional<double> average = Average(of, area, iou, draws);
        of_area[area].Add(average);
        if (area > 0) continue;
        of_iou[iou].Add(average);
        of_class.Add(average);
      }
    }
    scores.by_class.push_back(of_class.Value());
  }
  scores.map = of_area[0].Value();
  scores.small = of_area[1].Value();
  scores.medium = of_area[2].Value();
  scores.large = of_area[3].Value();
  scores.map50 = of_iou[at50].Value();
  scores.map75 = of_iou[at75].Value();
  return scores;
}

}  // namespace nacre
