#include "task/box_decode.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "task/detection_order.h"

namespace nacre {

using namespace task_internal;

namespace {

// In float, in the order of ONNX Runtime's operations, so that both decide alike at the threshold.
struct FloatBox {
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  explicit FloatBox(const Box& box)
      : x0(static_cast<float>(std::min(box.x0, box.x1))),
        y0(static_cast<float>(std::min(box.y0, box.y1))),
        x1(static_cast<float>(std::max(box.x0, box.x1))),
        y1(static_cast<float>(std::max(box.y0, box.y1))) {}

  float area() const { return (x1 - x0) * (y1 - y0); }
};

bool Suppresses(const FloatBox& a, const FloatBox& b, float most_iou) {
  const float width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  const float height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  if (!(width > 0 && height > 0)) return false;
  const float shared = width * height;
  const float together = a.area() + b.area() - shared;
  return shared > 0 && together > 0 && shared / together > most_iou;
}

// The boxes with a score that counts, by falling score.
std::vector<int64_t> Candidates(std::span<const float> scores, float least_score) {
  std::vector<int64_t> candidates;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > least_score) candidates.push_back(static_cast<int64_t>(i));
  }
  std::stable_sort(candidates.begin(), candidates.end(), [&](int64_t a, int64_t b) {
    return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)];
  });
  return candidates;
}

std::vector<std::pair<double, double>> ShapesOfMap(size_t map, size_t maps, double smallest,
                                                   double largest) {
  const double step = (largest - smallest) / static_cast<double>(maps - 1);
  const double scale = smallest + step * static_cast<double>(map);
  if (map == 0) return {{0.1, 1.0}, {scale, 2.0}, {scale, 1.0 / 2}};
  const double following = map + 1 < maps ? scale + step : 1.0;
  return {{scale, 1.0}, {scale, 2.0},     {scale, 1.0 / 2},
          {scale, 3.0}, {scale, 1.0 / 3}, {std::sqrt(scale * following), 1.0}};
}

}  // namespace

std::vector<AnchorMap> SsdMaps(const std::vector<int64_t>& cells, double smallest, double largest) {
  if (cells.size() < 2) throw std::logic_error("SsdMaps: an SSD has two maps or more");
  std::vector<AnchorMap> maps;
  for (size_t i = 0; i < cells.size(); ++i)
    maps.push_back({cells[i], cells[i], ShapesOfMap(i, cells.size(), smallest, largest)});
  return maps;
}

std::vector<Anchor> MakeAnchors(const std::vector<AnchorMap>& maps) {
  std::vector<Anchor> anchors;
  for (const AnchorMap& map : maps) {
    for (int64_t cell = 0; cell < map.rows * map.columns; ++cell) {
      const int64_t row = cell / map.columns, column = cell % map.columns;
      for (const auto& [scale, ratio] : map.shapes) {
        anchors.push_back(
            {.x = (static_cast<double>(column) + 0.5) / static_cast<double>(map.columns),
             .y = (static_cast<double>(row) + 0.5) / static_cast<double>(map.rows),
             .width = scale * std::sqrt(ratio),
             .height = scale / std::sqrt(ratio)});
      }
    }
  }
  return anchors;
}

Box DecodeBox(std::span<const float, 4> answer, const Anchor& anchor, const BoxCode& code,
              PictureSize input) {
  const double x = answer[0] / code.centre_scale * anchor.width + anchor.x;
  const double y = answer[1] / code.centre_scale * anchor.height + anchor.y;
  const double half_width = std::exp(answer[2] / code.size_scale) * anchor.width / 2;
  const double half_height = std::exp(answer[3] / code.size_scale) * anchor.height / 2;
  const auto width = static_cast<double>(input.width), height = static_cast<double>(input.height);
  return {(x - half_width) * width, (y - half_height) * height, (x + half_width) * width,
          (y + half_height) * height};
}

std::vector<int64_t> Suppress(const std::vector<Box>& boxes, std::span<const float> scores,
                              const SuppressionOptions& options) {
  if (boxes.size() != scores.size())
    throw std::logic_error("Suppress: one score for each box is needed");
  std::vector<int64_t> kept;
  std::vector<FloatBox> kept_boxes;
  for (const int64_t candidate : Candidates(scores, options.least_score)) {
    if (static_cast<int64_t>(kept.size()) >= options.most_boxes) break;
    const FloatBox box(boxes[static_cast<size_t>(candidate)]);
    if (std::any_of(kept_boxes.begin(), kept_boxes.end(), [&](const FloatBox& surer) {
          return Suppresses(surer, box, options.most_iou);
        }))
      continue;
    kept.push_back(candidate);
    kept_boxes.push_back(box);
  }
  return kept;
}

std::vector<Detection> FindObjects(const std::vector<Box>& boxes, std::span<const float> scores,
                                   bool background, const Placement& placement,
                                   const SuppressionOptions& options) {
  const size_t columns = boxes.empty() ? 0 : scores.size() / boxes.size();
  const size_t first = background ? 1 : 0;
  if (columns * boxes.size() != scores.size() || (!boxes.empty() && columns <= first))
    throw std::logic_error("FindObjects: a column of scores for each class is needed");
  const auto width = static_cast<double>(placement.source.width);
  const auto height = static_cast<double>(placement.source.height);
  std::vector<Detection> found;
  std::vector<float> of_class(boxes.size());
  for (size_t column = first; column < columns; ++column) {
    for (size_t i = 0; i < boxes.size(); ++i) of_class[i] = scores[i * columns + column];
    for (const int64_t box : Suppress(boxes, of_class, options)) {
      const size_t i = static_cast<size_t>(box);
      const Box cut = Clipped(placement.ToSource(boxes[i]), width, height);
      if (!cut.empty()) found.push_back({static_cast<int>(column - first), of_class[i], cut});
    }
  }
  SortByScore(found);
  if (static_cast<int64_t>(found.size()) > options.most_detections)
    found.resize(static_cast<size_t>(options.most_detections));
  return found;
}

}  // namespace nacre
