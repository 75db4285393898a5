// Teacher outputs: what the original answers to augmented images, computed once for all epochs and
// for all students, so that a teacher costs nothing while a student trains (docs/method.md, section
// 2, step 7).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "data/image_set.h"
#include "graph/network.h"
#include "task/answer_form.h"
#include "train/augmentation.h"
#include "train/compute.h"

namespace nacre {

// Name of the value that the last fully connected layer reads, float [n, width]. Empty when the
// output is not made by such a layer, which may be written as Gemm or as MatMul and Add.
std::string ClassifierInput(const Network& network);

// Answers to `variants` fixed augmentations of every image of a set.
struct TeacherOutputs {
  uint64_t seed = 0;  // of the augmentations
  int64_t variants = 0, classes = 0;
  Augmentation augmentation;
  std::vector<float> logits;    // [variants, count, classes]
  int64_t width = 0;            // of the features; 0: there are none
  std::vector<float> features;  // [variants, count, width]: what the classifier reads
};

// The answer to one batch of n images.
struct TeacherAnswer {
  Tensor logits;    // float [n, classes]
  Tensor features;  // float [n, width]; a tensor of another rank: none
};

struct TeacherOptions {
  int64_t variants = 8;
  Augmentation augmentation;
  uint64_t seed = 0;
  Compute compute;  // bf16 has no effect: a teacher computes in float
  AnswerForm form;
  bool features = false;  // also wanted, where the teacher has a classifier that reads any
  // Runs the teacher elsewhere, for example compiled. Images are float [n, channels, height, width]
  // with n <= batch, normalised. Its errors are passed on.
  std::function<Expected<TeacherAnswer>(const Tensor& images)> forward;
  int64_t batch = 256;
  std::function<void(double fraction)> progress;
};

// Outputs of the teacher on all images of the set; with `forward`, the network `teacher` is not
// used. Errors: kModel when the teacher has an operation that is not supported, kUsage
// (train/compute.h), and those of `forward`. Not thread-safe.
Expected<TeacherOutputs> PrecomputeTeacher(const Network& teacher, const ImageSet& images,
                                           const TeacherOptions& options);

}  // namespace nacre
