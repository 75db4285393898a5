#include "task/detection_task.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#include "base/random.h"

namespace nacre {
namespace {

constexpr int kDraws = 200;  // of the images, with replacement. A guess: enough for 95 % intervals
constexpr uint64_t kSeed = 0;

// Scores of the same images in many draws.
class Scored {
 public:
  Scored(const DetectionSet& set, const Detections& detections, BoxMetric metric)
      : set_(set), detections_(detections), metric_(metric) {
    if (metric == BoxMetric::kMap || metric == BoxMetric::kMap50)
      matches_.emplace(set.objects, detections, static_cast<int>(set.classes.size()));
  }

  double Value() const {
    if (!matches_) return Voc(set_.objects, detections_);
    return Of(matches_->Score());
  }

  // Each image counts as many times as `draws` says.
  double Value(const std::vector<int>& draws) const {
    if (matches_) return Of(matches_->Score(draws));
    TrueObjects truth;
    Detections found;
    for (size_t i = 0; i < draws.size(); ++i) {
      for (int k = 0; k < draws[i]; ++k) {
        truth.push_back(set_.objects[i]);
        found.push_back(detections_[i]);
      }
    }
    return Voc(truth, found);
  }

 private:
  double Of(const CocoScores& scores) const {
    return (metric_ == BoxMetric::kMap ? scores.map : scores.map50).value_or(0);
  }
  double Voc(const TrueObjects& truth, const Detections& found) const {
    const VocRule rule = metric_ == BoxMetric::kVoc2007 ? VocRule::k2007 : VocRule::k2010;
    return MeasureVoc(truth, found, static_cast<int>(set_.classes.size()), rule).map.value_or(0);
  }

  const DetectionSet& set_;
  const Detections& detections_;
  const BoxMetric metric_;
  std::optional<CocoMatches> matches_;
};

// The same draws for whoever asks, so that networks can be compared.
std::vector<std::vector<int>> Draws(size_t images) {
  Random random = Random(kSeed).Fork("bootstrap");
  std::vector<std::vector<int>> draws(kDraws, std::vector<int>(images));
  for (std::vector<int>& draw : draws) {
    for (size_t i = 0; i < images; ++i) ++draw[random.Below(images)];
  }
  return draws;
}

// The share `at` of the values lies below.
double Quantile(std::vector<double> values, double at) {
  std::sort(values.begin(), values.end());
  const double place = at * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, values.size() - 1);
  const double rest = place - static_cast<double>(below);
  return values[below] + rest * (values[above] - values[below]);
}

// What JoinAnswers made of an output of one image, in the shape that the output has.
Tensor HeadOf(const AnswerPart& part, const Shape& shape, std::span<const float> numbers) {
  std::vector<float> values(numbers.begin(), numbers.end());
  if (part.kind == AnswerKind::kClasses && shape.size() == 4) {
    for (int64_t row = 0; row < part.rows; ++row) {
      for (int64_t column = 0; column < part.columns; ++column)
        values[static_cast<size_t>(column * part.rows + row)] =
            numbers[static_cast<size_t>(row * part.columns + column)];
    }
  }
  return Tensor::Floats(shape, values);
}

double LossOf(double original, double result, const MaxDrop& most) {
  if (most.in_points) return original - result;
  return original > 0 ? 1 - result / original : 0;
}

}  // namespace

std::shared_ptr<const DetectionSet> DetectionTask::SetOf(const ImageSet& images) const {
  auto found = setup_.known(images.hash);
  if (!found) throw std::logic_error("the boxes of these images are not known: " + images.hash);
  return found;
}

Expected<Judged> DetectionTask::Judge(const Tensor& answers, const ImageSet& images) const {
  NACRE_TRY(const auto outputs, OutputsOf(answers));
  NACRE_TRY(const Detections detections, Read(outputs, setup_.detector, images));
  return Judged{ValueOf(detections, images), RecordOf(detections)};
}

Accuracy DetectionTask::Measure(const std::string& record, const ImageSet& images) const {
  const auto set = SetOf(images);
  const Detections detections = DetectionsIn(record);
  const Scored scored(*set, detections, setup_.metric);
  std::vector<double> values;
  for (const auto& draw : Draws(detections.size())) values.push_back(scored.Value(draw));
  const double value = scored.Value();
  return {value, std::min(value, Quantile(values, 0.025)), std::max(value, Quantile(values, 0.975)),
          images.count()};
}

Drop DetectionTask::Compare(const std::string& original, const std::string& result,
                            const ImageSet& images, const MaxDrop& most) const {
  const auto set = SetOf(images);
  const Detections before = DetectionsIn(original), after = DetectionsIn(result);
  const Scored a(*set, before, setup_.metric), b(*set, after, setup_.metric);
  std::vector<double> losses;
  for (const auto& draw : Draws(before.size()))
    losses.push_back(LossOf(a.Value(draw), b.Value(draw), most));
  const double value = LossOf(a.Value(), b.Value(), most);
  return {value, std::min(value, Quantile(losses, 0.05)), std::max(value, Quantile(losses, 0.95))};
}

Expected<std::vector<std::vector<Tensor>>> DetectionTask::OutputsOf(const Tensor& answers) const {
  const auto numbers = static_cast<size_t>(answers.shape().at(1));
  std::vector<std::vector<Tensor>> outputs;
  for (int64_t image = 0; image < answers.shape()[0]; ++image) {
    std::span<const float> row =
        answers.floats().subspan(static_cast<size_t>(image) * numbers, numbers);
    std::vector<Tensor> heads;
    for (size_t part = 0; part < setup_.heads.size(); ++part) {
      const auto count = static_cast<size_t>(setup_.answers.parts[part].numbers());
      heads.push_back(HeadOf(setup_.answers.parts[part], setup_.heads[part], row.first(count)));
      row = row.subspan(count);
    }
    if (!setup_.tail) {
      outputs.push_back(std::move(heads));
      continue;
    }
    NACRE_TRY(std::vector<Tensor> behind, setup_.tail(heads));
    outputs.push_back(std::move(behind));
  }
  return outputs;
}

Expected<Detections> DetectionTask::Read(const std::vector<std::vector<Tensor>>& outputs,
                                         const DetectorForm& form, const ImageSet& images) const {
  const auto set = SetOf(images);
  const PictureSize input{images.preprocess.width, images.preprocess.height};
  Detections detections;
  for (size_t i = 0; i < outputs.size(); ++i) {
    NACRE_TRY(std::vector<Detection> found,
              ReadDetections(outputs[i], form, set->PlacementOf(static_cast<int64_t>(i)), input));
    detections.push_back(std::move(found));
  }
  return detections;
}

double DetectionTask::ValueOf(const Detections& detections, const ImageSet& images) const {
  return Scored(*SetOf(images), detections, setup_.metric).Value();
}

}  // namespace nacre
