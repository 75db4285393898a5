// TrainingLoss: what training minimises, from labels and the teacher's outputs. Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "base/expected.h"
#include "data/image_set.h"
#include "graph/network.h"
#include "train/sampler.h"
#include "train/teacher.h"
#include "train/train.h"

namespace nacre::train_internal {

// The terms are those of LossOptions (train/train.h). Thread-safe.
class TrainingLoss {
 public:
  // The references must outlive it. `teacher` may be null.
  TrainingLoss(const ImageSet& images, const TeacherOutputs* teacher, const LossOptions& options)
      : images_(images), teacher_(teacher), options_(options) {}

  // Of answers, float [n, numbers]: logits [n, classes], or what LossOptions::form says; mean over
  // the batch of n images. Without a teacher answers that have no labels are learned as one class.
  at::Tensor OfLogits(const at::Tensor& logits, const SampledBatch& batch) const;
  // Of what the classifier reads, float [n, width]: its hint. There must be a teacher with features
  // of that width.
  at::Tensor OfFeatures(const at::Tensor& features, const SampledBatch& batch) const;

 private:
  at::Tensor Labels(const SampledBatch& batch) const;
  // The batch's rows of a table [variants, count, width].
  at::Tensor Rows(const std::vector<float>& table, int64_t width, const SampledBatch& batch) const;

  const ImageSet& images_;
  const TeacherOutputs* teacher_;
  LossOptions options_;
};

// Compares labels and teacher outputs with the outputs of the network. Errors: kData without
// images, kModel for what does not fit.
Expected<void> CheckFits(const Network& network, const ImageSet& images,
                         const TeacherOutputs* teacher);

}  // namespace nacre::train_internal
