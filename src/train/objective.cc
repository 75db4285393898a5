#include "train/objective.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "graph/shapes.h"

namespace nacre {

at::Tensor Objective::operator()(const at::Tensor& logits, const std::vector<int64_t>& indices,
                                 const std::vector<int64_t>& variants) const {
  const double share = teacher_ ? options_.distill : 0;
  at::Tensor loss = at::zeros({});
  if (share < 1) {
    loss = (1 - share) * at::cross_entropy_loss(logits, Labels(indices), {}, at::Reduction::Mean,
                                                -100, options_.label_smoothing);
  }
  if (share > 0) {
    const double t = options_.temperature;
    const at::Tensor soft =
        (Rows(teacher_->logits, teacher_->classes, indices, variants) / t).softmax(1);
    const at::Tensor divergence = at::kl_div((logits / t).log_softmax(1), soft, at::Reduction::Sum);
    loss = loss + share * t * t / static_cast<double>(indices.size()) * divergence;
  }
  return loss;
}

at::Tensor Objective::Labels(const std::vector<int64_t>& indices) const {
  at::Tensor labels = at::empty({static_cast<int64_t>(indices.size())}, at::kLong);
  for (size_t k = 0; k < indices.size(); ++k) {
    labels.data_ptr<int64_t>()[k] = images_.labels[static_cast<size_t>(indices[k])];
  }
  return labels;
}

at::Tensor Objective::Hint(const at::Tensor& features, const std::vector<int64_t>& indices,
                           const std::vector<int64_t>& variants) const {
  const at::Tensor taught = Rows(teacher_->features, teacher_->width, indices, variants);
  const at::Tensor variance = (taught - taught.mean(0, true)).square().mean().clamp_min(1e-8);
  return options_.hint * (features - taught).square().mean() / variance;
}

at::Tensor Objective::Rows(const std::vector<float>& table, int64_t width,
                           const std::vector<int64_t>& indices,
                           const std::vector<int64_t>& variants) const {
  at::Tensor result = at::empty({static_cast<int64_t>(indices.size()), width});
  for (size_t k = 0; k < indices.size(); ++k) {
    const auto at = table.begin() + (variants[k] * images_.count() + indices[k]) * width;
    std::copy(at, at + width, result.data_ptr<float>() + static_cast<int64_t>(k) * width);
  }
  return result;
}

Expected<void> CheckFits(const Network& network, const ImageSet& images,
                         const TeacherOutputs* teacher) {
  if (images.count() == 0) return Fail(ErrorKind::kData, "no images to train on");
  NACRE_TRY(const auto shapes, InferShapes(network, 1));
  const auto output = shapes.find(network.outputs.at(0).name);
  const bool known = output != shapes.end() && output->second.shape.size() == 2;
  const int64_t classes = known ? output->second.shape[1] : 0;
  const int64_t last = *std::max_element(images.labels.begin(), images.labels.end());
  if (known && last >= classes) {
    return Fail(ErrorKind::kModel, "the images have a class " + std::to_string(last) +
                                       ", counted from 0; the network has " +
                                       std::to_string(classes) + " outputs");
  }
  if (teacher == nullptr) return {};
  const auto wanted = static_cast<size_t>(teacher->variants * images.count() * teacher->classes);
  const auto features = static_cast<size_t>(teacher->variants * images.count() * teacher->width);
  if (teacher->variants < 1 || teacher->features.size() != features ||
      teacher->logits.size() != wanted || (known && teacher->classes != classes)) {
    return Fail(ErrorKind::kModel,
                "the teacher's outputs are of other images or of another network: " +
                    std::to_string(teacher->logits.size()) + " numbers, wanted " +
                    std::to_string(wanted));
  }
  return {};
}

}  // namespace nacre
