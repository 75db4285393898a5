// Blockwise distillation: many candidates for parts of a teacher learn side by side, each from the
// teacher's own activations around its part (DNA, arXiv 1911.13053; docs/method.md, section 2, step
// 3).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "data/image_set.h"
#include "graph/network.h"
#include "train/compute.h"

namespace nacre {

// A candidate for the span of the teacher between two values.
struct SpanJob {
  std::string input, output;  // values of the teacher
  Network fragment;           // one input and one output, of the teacher's shapes there
};

struct SpanResult {
  Network fragment;
  // Mean squared error over the mean square of the teacher's output, on images that were not
  // trained on. At least 0, lower is better, 0 is perfect.
  double error = 0;
};

struct DistillOptions {
  int64_t images = 4096;  // of the set; of these a sixteenth, at most 512, are held out
  double epochs = 2;
  int64_t batch = 128;
  double learning_rate = 2e-3;  // of Adam, peak of one cycle
  bool solve_start = true;      // the last convolutions begin at their least-squares solution
  uint64_t seed = 0;
  Compute compute;  // bf16 is of the candidates; the teacher computes in float
  std::function<bool(double fraction)> progress;  // false stops (kInterrupted)
};

// Every fragment learns the teacher's output of its span from the teacher's input of it; the
// teacher runs once per batch for all. One entry per job, in their order; a job that fails is an
// Error in its place (kModel: not supported, or names that the teacher lacks; kInternal: its loss
// is not finite, or its output has another shape). Errors of the whole: kUsage (train/compute.h),
// kData (fewer than two images), kModel (the teacher), kInterrupted. Not thread-safe.
Expected<std::vector<Expected<SpanResult>>> DistillSpans(const Network& teacher,
                                                         const std::vector<SpanJob>& jobs,
                                                         const ImageSet& images,
                                                         const DistillOptions& options);

}  // namespace nacre
