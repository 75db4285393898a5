#include "train/training_loss.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <string>

#include "graph/shapes.h"
#include "train/answer_loss.h"

namespace nacre::train_internal {
namespace {

// Classes that the network tells apart, as far as its shapes say.
Expected<std::optional<int64_t>> ClassesOf(const Network& network) {
  NACRE_TRY(const auto shapes, InferShapes(network, 1));
  const auto output = shapes.find(network.outputs.at(0).name);
  if (output == shapes.end() || output->second.shape.size() != 2) return std::nullopt;
  return output->second.shape[1];
}

Expected<void> CheckLabels(const ImageSet& images, int64_t classes) {
  const int64_t last = *std::max_element(images.labels.begin(), images.labels.end());
  if (last < classes) return {};
  return Fail(ErrorKind::kModel, "the images have a class " + std::to_string(last) +
                                     ", counted from 0; the network has " +
                                     std::to_string(classes) + " outputs");
}

Expected<void> CheckTeacher(const TeacherOutputs& teacher, int64_t images,
                            std::optional<int64_t> classes) {
  const int64_t answers = teacher.variants * images;
  const auto logits = static_cast<size_t>(answers * teacher.classes);
  const auto features = static_cast<size_t>(answers * teacher.width);
  const bool complete = teacher.variants >= 1 && teacher.logits.size() == logits &&
                        teacher.features.size() == features;
  if (complete && classes.value_or(teacher.classes) == teacher.classes) return {};
  return Fail(ErrorKind::kModel,
              "the teacher's outputs are of other images or of another network: there are " +
                  std::to_string(teacher.logits.size()) + " numbers where " +
                  std::to_string(logits) + " are expected");
}

}  // namespace

at::Tensor TrainingLoss::OfLogits(const at::Tensor& logits, const SampledBatch& batch) const {
  if (teacher_ && !options_.form.labelled()) {
    return AnswerDivergence(options_.form, logits, Rows(teacher_->logits, teacher_->classes, batch))
        .mean();
  }
  const double share = teacher_ ? options_.distill : 0;
  at::Tensor loss = at::zeros({});
  if (share < 1) {
    loss = (1 - share) * at::cross_entropy_loss(logits, Labels(batch), {}, at::Reduction::Mean,
                                                -100, options_.label_smoothing);
  }
  if (share > 0) {
    const double t = options_.temperature;
    const at::Tensor soft = (Rows(teacher_->logits, teacher_->classes, batch) / t).softmax(1);
    const at::Tensor divergence = at::kl_div((logits / t).log_softmax(1), soft, at::Reduction::Sum);
    loss = loss + share * t * t / static_cast<double>(batch.images.size()) * divergence;
  }
  return loss;
}

at::Tensor TrainingLoss::Labels(const SampledBatch& batch) const {
  at::Tensor labels = at::empty({static_cast<int64_t>(batch.images.size())}, at::kLong);
  for (size_t k = 0; k < batch.images.size(); ++k)
    labels.data_ptr<int64_t>()[k] = images_.labels[static_cast<size_t>(batch.images[k])];
  return labels;
}

at::Tensor TrainingLoss::OfFeatures(const at::Tensor& features, const SampledBatch& batch) const {
  const at::Tensor wanted = Rows(teacher_->features, teacher_->width, batch);
  const at::Tensor variance = (wanted - wanted.mean(0, true)).square().mean().clamp_min(1e-8);
  return options_.hint * (features - wanted).square().mean() / variance;
}

at::Tensor TrainingLoss::Rows(const std::vector<float>& table, int64_t width,
                              const SampledBatch& batch) const {
  at::Tensor result = at::empty({static_cast<int64_t>(batch.images.size()), width});
  float* to = result.data_ptr<float>();
  for (size_t k = 0; k < batch.images.size(); ++k, to += width) {
    const auto row =
        table.begin() + (batch.variants[k] * images_.count() + batch.images[k]) * width;
    std::copy(row, row + width, to);
  }
  return result;
}

Expected<void> CheckFits(const Network& network, const ImageSet& images,
                         const TeacherOutputs* teacher) {
  if (images.count() == 0) return Fail(ErrorKind::kData, "there are no images to train on");
  NACRE_TRY(const auto classes, ClassesOf(network));
  if (classes) NACRE_CHECK_OK(CheckLabels(images, *classes));
  return teacher ? CheckTeacher(*teacher, images.count(), classes) : Expected<void>{};
}

}  // namespace nacre::train_internal
