#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "task/detection_order.h"
#include "task/detector_outputs.h"
#include "task/log_softmax.h"

namespace nacre {

using namespace task_internal;

namespace {

// The numbers of one image: boxes [count, 4], scores [count, columns], classes [count] or none.
struct Answers {
  std::vector<float> boxes, scores;
  std::vector<int64_t> classes;
  size_t count = 0, columns = 0;
};

Expected<Answers> AnswersOf(const std::vector<Tensor>& outputs, const DetectorOutputs& at) {
  Answers answers{.boxes = outputs.at(at.boxes).ToFloats(),
                  .scores = outputs.at(at.scores).ToFloats()};
  answers.count = answers.boxes.size() / 4;
  if (at.classes) {
    for (const float each : outputs.at(*at.classes).ToFloats())
      answers.classes.push_back(std::llround(each));
  }
  answers.columns = answers.count == 0 ? 0 : answers.scores.size() / answers.count;
  const bool fits = answers.boxes.size() == 4 * answers.count &&
                    answers.scores.size() == answers.columns * answers.count &&
                    (!at.classes || (answers.classes.size() == answers.count &&
                                     answers.scores.size() == answers.count));
  if (!fits) {
    return Fail(ErrorKind::kModel,
                fmt::format("the detector answers one image with {} numbers of boxes and {} scores",
                            answers.boxes.size(), answers.scores.size()));
  }
  if (at.count) {
    const std::vector<float> counted = outputs.at(*at.count).ToFloats();
    const double most = counted.empty() ? 0 : std::max(0.0F, counted[0]);
    answers.count = std::min(answers.count, static_cast<size_t>(std::llround(most)));
  }
  return answers;
}

Box InInput(std::span<const float, 4> box, const BoxReading& reading, PictureSize input) {
  double a = box[0], b = box[1], c = box[2], d = box[3];
  if (reading.order == BoxOrder::kCornersByRows) {
    std::swap(a, b);
    std::swap(c, d);
  } else if (reading.order == BoxOrder::kCentres) {
    const double half_width = c / 2, half_height = d / 2;
    c = a + half_width;
    d = b + half_height;
    a -= half_width;
    b -= half_height;
  }
  if (reading.unit == BoxUnit::kPixel) return {a, b, c, d};
  const auto width = static_cast<double>(input.width), height = static_cast<double>(input.height);
  return {a * width, b * height, c * width, d * height};
}

std::vector<Box> BoxesOf(const Answers& answers, const DetectorForm& form, PictureSize input) {
  std::vector<Box> boxes;
  for (size_t i = 0; i < answers.count; ++i) {
    const std::span<const float, 4> box(answers.boxes.data() + 4 * i, 4);
    boxes.push_back(form.anchors
                        ? DecodeBox(box, form.anchors->anchors[i], form.anchors->code, input)
                        : InInput(box, form.reading, input));
  }
  return boxes;
}

// Logits become probabilities: of classes that exclude each other where there is one for nothing.
void MakeProbabilities(bool exclusive, Answers& answers) {
  for (size_t i = 0; i < answers.count; ++i) {
    const std::span<float> row(answers.scores.data() + i * answers.columns, answers.columns);
    const std::vector<double> logs =
        exclusive ? LogSoftmax(row) : std::vector<double>(row.begin(), row.end());
    for (size_t k = 0; k < row.size(); ++k) {
      row[k] = static_cast<float>(exclusive ? std::exp(logs[k]) : Sigmoid(logs[k]));
    }
  }
}

// Boxes that the file has chosen itself.
std::vector<Detection> Chosen(const Answers& answers, const std::vector<Box>& boxes,
                              const DetectorForm& form, const Placement& placement) {
  const auto width = static_cast<double>(placement.source.width);
  const auto height = static_cast<double>(placement.source.height);
  std::vector<Detection> found;
  for (size_t i = 0; i < boxes.size(); ++i) {
    const int64_t label = answers.classes[i] - form.reading.first_class;
    const Box cut = Clipped(placement.ToSource(boxes[i]), width, height);
    if (label < 0 || label >= form.classes || cut.empty()) continue;
    found.push_back({static_cast<int>(label), answers.scores[i], cut});
  }
  SortByScore(found);
  return found;
}

}  // namespace

Expected<std::vector<Detection>> ReadDetections(const std::vector<Tensor>& outputs,
                                                const DetectorForm& form,
                                                const Placement& placement, PictureSize input) {
  NACRE_TRY(Answers answers, AnswersOf(outputs, form.outputs));
  if (answers.count == 0) return std::vector<Detection>();
  if (form.anchors && form.anchors->anchors.size() != answers.count) {
    return Fail(ErrorKind::kModel,
                fmt::format("there are {} anchors, but the heads answer {} boxes",
                            form.anchors->anchors.size(), answers.count));
  }
  const std::vector<Box> boxes = BoxesOf(answers, form, input);
  if (!answers.classes.empty()) return Chosen(answers, boxes, form, placement);
  const bool background = form.reading.first_class == 1;
  if (static_cast<int64_t>(answers.columns) != form.classes + form.reading.first_class) {
    return Fail(ErrorKind::kModel, fmt::format("the detector scores {} columns, but the images "
                                               "have {} classes",
                                               answers.columns, form.classes));
  }
  if (form.anchors) MakeProbabilities(background, answers);
  answers.scores.resize(answers.count * answers.columns);
  return FindObjects(boxes, answers.scores, background, placement, form.suppression);
}

}  // namespace nacre
