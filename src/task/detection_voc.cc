// Average precision of Pascal VOC (VOC2012 development kit, VOCevaldet.m and VOCap.m).
#include <limits>

#include "task/detection_metric.h"
#include "task/detection_order.h"

namespace nacre {

using namespace task_internal;

namespace {

struct Row {
  double score = 0;
  size_t image = 0;
  Box box;
};

struct Curve {
  std::vector<double> recall, precision;
};

// The true object that the box overlaps most, and by how much; -1 when it overlaps none.
struct Nearest {
  int64_t object = -1;
  double iou = -std::numeric_limits<double>::infinity();
};

Nearest FindNearest(const Box& box, int label, const std::vector<TrueObject>& truth) {
  Nearest nearest;
  for (size_t i = 0; i < truth.size(); ++i) {
    if (truth[i].label != label) continue;
    const double iou = Iou(box, truth[i].box);
    if (iou > nearest.iou) nearest = {static_cast<int64_t>(i), iou};
  }
  return nearest;
}

bool PassedOver(const TrueObject& object) { return object.difficult || object.crowd; }

std::vector<Row> RowsOf(int label, const Detections& detections) {
  std::vector<Row> rows;
  for (size_t image = 0; image < detections.size(); ++image) {
    for (const Detection& found : detections[image]) {
      if (found.label == label && !IsNan(found)) rows.push_back({found.score, image, found.box});
    }
  }
  SortByScore(rows);
  return rows;
}

// Nothing where no object counts.
std::optional<Curve> CurveOf(int label, const TrueObjects& truth, const Detections& detections,
                             double least_iou) {
  int64_t asked = 0;
  std::vector<std::vector<bool>> taken;
  for (const auto& objects : truth) {
    taken.emplace_back(objects.size());
    asked += std::count_if(objects.begin(), objects.end(), [&](const TrueObject& object) {
      return object.label == label && !PassedOver(object);
    });
  }
  if (asked == 0) return std::nullopt;
  Curve curve;
  double right = 0, wrong = 0;
  for (const Row& row : RowsOf(label, detections)) {
    const Nearest nearest = FindNearest(row.box, label, truth[row.image]);
    const auto object = static_cast<size_t>(nearest.object);
    const bool hit = nearest.object >= 0 && nearest.iou >= least_iou;
    if (hit && PassedOver(truth[row.image][object])) continue;
    const bool first = hit && !taken[row.image][object];
    if (first) taken[row.image][object] = true;
    (first ? right : wrong) += 1;
    curve.recall.push_back(right / static_cast<double>(asked));
    curve.precision.push_back(right / (right + wrong));
  }
  return curve;
}

double Average2007(const Curve& curve) {
  constexpr int points = 11;
  double sum = 0;
  for (int point = 0; point < points; ++point) {
    double best = 0;
    for (size_t i = 0; i < curve.recall.size(); ++i) {
      if (curve.recall[i] >= point * 0.1) best = std::max(best, curve.precision[i]);
    }
    sum += best;
  }
  return sum / points;
}

// The area under the curve, with the best precision at the same recall or more.
double Average2010(Curve curve) {
  for (size_t i = curve.precision.size(); i-- > 1;)
    curve.precision[i - 1] = std::max(curve.precision[i - 1], curve.precision[i]);
  double sum = 0, before = 0;
  for (size_t i = 0; i < curve.recall.size(); ++i) {
    sum += (curve.recall[i] - before) * curve.precision[i];
    before = curve.recall[i];
  }
  return sum;
}

}  // namespace

VocScores MeasureVoc(const TrueObjects& truth, const Detections& detections, int classes,
                     VocRule rule, double iou) {
  CheckDetections(truth, detections, classes);
  VocScores scores;
  double sum = 0;
  int counted = 0;
  for (int label = 0; label < classes; ++label) {
    const std::optional<Curve> curve = CurveOf(label, truth, detections, iou);
    scores.by_class.emplace_back();
    if (!curve) continue;
    scores.by_class.back() = rule == VocRule::k2007 ? Average2007(*curve) : Average2010(*curve);
    sum += *scores.by_class.back();
    ++counted;
  }
  if (counted > 0) scores.map = sum / counted;
  return scores;
}

}  // namespace nacre
