// Objective: what training minimises, labels and the teacher's outputs (Hinton et al., arXiv
// 1503.02531). Private to this room.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "train/trainer.h"

namespace nacre {

class Objective {
 public:
  // The references must outlive it.
  Objective(const ImageSet& images, const TeacherOutputs* teacher, const TrainOptions& options)
      : images_(images), teacher_(teacher), options_(options) {}

  // Mean over the batch; `logits` [n, classes] of variants[k] of images[k].
  at::Tensor operator()(const at::Tensor& logits, const std::vector<int64_t>& indices,
                        const std::vector<int64_t>& variants) const;
  // Of what the classifier reads, [n, width], against the teacher's; over the variance of the
  // latter.
  at::Tensor Hint(const at::Tensor& features, const std::vector<int64_t>& indices,
                  const std::vector<int64_t>& variants) const;

 private:
  at::Tensor Labels(const std::vector<int64_t>& indices) const;
  // Rows of [variants, count, width].
  at::Tensor Rows(const std::vector<float>& table, int64_t width,
                  const std::vector<int64_t>& indices, const std::vector<int64_t>& variants) const;

  const ImageSet& images_;
  const TeacherOutputs* teacher_;
  const TrainOptions& options_;
};

// Labels and teacher against the outputs of the network. Errors: kData without images, kModel for
// what does not fit.
Expected<void> CheckFits(const Network& network, const ImageSet& images,
                         const TeacherOutputs* teacher);

}  // namespace nacre
