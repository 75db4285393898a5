// From what a detector's heads answer to boxes: anchors, their code, and the suppression of boxes
// that show the same object. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "data/placement.h"
#include "task/detection_metric.h"

namespace nacre {

// A box that answers are relative to: its centre and size, as fractions of the input's sides.
struct Anchor {
  double x = 0, y = 0, width = 0, height = 0;
};

// One feature map of an SSD: its cells, and (scale, ratio of width to height) of each anchor of a
// cell. A scale is the side of the square of the same area, as a fraction of the input.
struct AnchorMap {
  int64_t rows = 0, columns = 0;
  std::vector<std::pair<double, double>> shapes;
};

// The maps of `create_ssd_anchors` (TensorFlow's object detection, ssd_mobilenet_v1): scales from
// `smallest` to `largest` over the maps; ratios 1, 2, 1/2, 3, 1/3 and one more square between two
// scales; on the first map scale 0.1 with ratio 1, and 2 and 1/2. `cells`: on a side of each map,
// at least two maps (std::logic_error otherwise).
std::vector<AnchorMap> SsdMaps(const std::vector<int64_t>& cells, double smallest = 0.2,
                               double largest = 0.95);

// In the order of the heads: map, row, column, shape. Centres are those of the cells.
std::vector<Anchor> MakeAnchors(const std::vector<AnchorMap>& maps);

// What an answer [x, y, width, height] is divided by (Faster R-CNN's code, arXiv 1506.01497): the
// first two move the centre by so many sides of the anchor, the others are logarithms of its
// growth.
struct BoxCode {
  double centre_scale = 10, size_scale = 5;
};

// The box in pixels of an input of this size. What does not fit a double is infinite.
Box DecodeBox(std::span<const float, 4> answer, const Anchor& anchor, const BoxCode& code,
              PictureSize input);

struct SuppressionOptions {
  float most_iou = 0.5F;          // of two boxes of a class; above it the less sure one goes
  float least_score = 0;          // only scores above it count; NaN is none
  int64_t most_boxes = 100;       // of a class in an image
  int64_t most_detections = 100;  // of an image
};

// Non-maximum suppression of the boxes of one class, as ONNX's NonMaxSuppression and torchvision's
// nms do it, in float: the surest first, the earlier of two with equal scores; a box without area
// suppresses nothing. Indices of the boxes that stay, by falling score. Throws std::logic_error
// when there is not one score for each box.
std::vector<int64_t> Suppress(const std::vector<Box>& boxes, std::span<const float> scores,
                              const SuppressionOptions& options);

// The detections of one image, by falling score. `boxes` [anchors] in pixels of the network's
// input, `scores` [anchors, columns]; with `background` the first column is no class. Boxes are
// returned in pixels of the image's file, cut where it ends; empty ones are left out. Throws
// std::logic_error on sizes that do not fit.
std::vector<Detection> FindObjects(const std::vector<Box>& boxes, std::span<const float> scores,
                                   bool background, const Placement& placement,
                                   const SuppressionOptions& options);

}  // namespace nacre
