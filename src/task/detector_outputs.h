// How the outputs of a detector's file become detections. Files differ: heads that are still to be
// decoded, decoded boxes with scores, or a few boxes that were chosen already. Thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "graph/network.h"
#include "task/box_decode.h"

namespace nacre {

// Which output is what, as places in the file's list of outputs.
struct DetectorOutputs {
  size_t boxes = 0;               // [N, boxes, 4]
  size_t scores = 0;              // [N, boxes, columns], or [N, boxes] beside classes
  std::optional<size_t> classes;  // [N, boxes]: boxes were chosen already
  std::optional<size_t> count;    // [N]: only so many of them mean anything
};

// By shapes, types and names: boxes have four columns; classes are integers, or floats of that
// name. Error (kModel) lists the outputs and what is looked for.
Expected<DetectorOutputs> FindDetectorOutputs(const std::vector<Value>& outputs);

enum class BoxOrder {
  kCorners,        // left, top, right, bottom
  kCornersByRows,  // top, left, bottom, right
  kCentres,        // centre x, centre y, width, height
};
enum class BoxUnit { kSide, kPixel };  // fractions of the input's sides, or its pixels

// What a file cannot say of itself.
struct BoxReading {
  BoxOrder order = BoxOrder::kCorners;
  BoxUnit unit = BoxUnit::kSide;
  int first_class = 1;  // number of the first class among columns or answers; before it: nothing
};
std::string Describe(const BoxReading& reading);
// Every reading that fits: `columns` of the scores for `classes`; 0: classes are answers.
std::vector<BoxReading> PossibleReadings(int64_t columns, int64_t classes);

// What raw heads are decoded with.
struct AnchorSet {
  std::vector<Anchor> anchors;
  BoxCode code;
};
// From a JSON file: {"anchors": [[centre x, centre y, width, height], ...], in fractions of the
// sides, "box_code": {"centre_scale": 10, "size_scale": 5}}; the code may be missing. Errors
// (kData) name the file and what is wrong with it.
Expected<AnchorSet> ReadAnchors(const std::filesystem::path& path);

struct DetectorForm {
  DetectorOutputs outputs;
  BoxReading reading;
  std::optional<AnchorSet> anchors;  // given: the outputs are raw heads, scores are logits
  int64_t classes = 0;               // of the images
  SuppressionOptions suppression{.most_iou = 0.5F, .least_score = 0.01F};
};

// The detections of one image, best first, from the file's outputs for it (N is 1). Classes that
// the images do not have are left out. Error (kModel): the outputs have other shapes than the form
// expects.
Expected<std::vector<Detection>> ReadDetections(const std::vector<Tensor>& outputs,
                                                const DetectorForm& form,
                                                const Placement& placement, PictureSize input);

}  // namespace nacre
