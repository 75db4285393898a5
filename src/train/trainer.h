// Training a Network: torch behind, none of it in the header. Not thread-safe; uses `threads` torch
// threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "data/image_set.h"
#include "graph/network.h"
#include "train/compute.h"

namespace nacre {

// Nothing when every operation can be trained; else Error (kModel) names the first that cannot and
// why.
Expected<void> CheckTrainable(const Network& network);

// Logits [count, classes] of a single-output network, in evaluation mode (running batch-norm
// statistics).
Expected<Tensor> Predict(const Network& network, const ImageSet& images, int64_t batch = 256);

// Batch-norm statistics set anew from the images (cumulative average; EagleEye, arXiv 2007.02491).
Expected<Network> RecalibrateBatchNorm(const Network& network, const ImageSet& images,
                                       int64_t batch = 256);

// Mean and variance per channel of the named values over the images.
struct MeanVariance {
  std::vector<float> mean, variance;
};
Expected<std::map<std::string, MeanVariance>> MeasureChannels(
    const Network& network, const std::vector<std::string>& values, const ImageSet& images,
    int64_t batch = 256);

struct Augmentation {
  bool flip = true;  // horizontal, every other variant
  // Variants 2 k and 2 k + 1 are mirror images of one another, and the teacher's answer to both is
  // the mean (decision 23); needs flip.
  bool mirrored = false;
  int64_t shift = 4;   // largest translation in pixels, zero... edge padded (reflect)
  int64_t cutout = 0;  // side of a square set to the mean; 0: none
  double mix =
      0;  // share of images blended with another one, which gets up to half of the weight (mixup,
          // arXiv 1710.09412); only with a teacher, who is asked about the blend (arXiv 2106.05237)
};

// Name of what the last fully connected layer reads, [n, width]; empty: the output is not made by
// one.
std::string ClassifierInput(const Network& network);

// Teacher logits for `variants` fixed augmentations of every image, so that the teacher costs
// nothing per epoch (method.md section 2, step 7). Variant v of image i is the same augmentation
// whenever it is asked for.
struct TeacherOutputs {
  uint64_t seed = 0;
  int64_t variants = 0, classes = 0;
  Augmentation augmentation;
  std::vector<float> logits;  // [variants, count, classes]
  int64_t width = 0;          // 0: without features
  std::vector<float>
      features;  // [variants, count, width], what the classifier reads (ClassifierInput)
};
struct Taught {
  Tensor logits;    // [n, classes]
  Tensor features;  // [n, width]; anything else: none
};
struct TeacherOptions {
  int64_t variants = 8;
  Augmentation augmentation;
  uint64_t seed = 0;
  Compute compute;
  bool features = false;  // wanted, too, if the teacher has any
  // Runs the teacher elsewhere, compiled: images float [n, channels, height, width], n <= batch.
  std::function<Expected<Taught>(const Tensor& images)> forward;
  int64_t batch = 256;
  std::function<void(double fraction)> progress;
};
// With `forward`, `teacher` is not looked at.
Expected<TeacherOutputs> PrecomputeTeacher(const Network& teacher, const ImageSet& images,
                                           const TeacherOptions& options);

struct TrainProgress {
  int64_t step = 0, steps = 0;
  double loss = 0;  // mean over the last epoch or part of it
  double images_per_second = 0;
};

struct TrainOptions {
  double epochs = 10;  // may be a fraction
  int64_t batch = 128;
  // Peaks; linear warm-up over `warm_up` of the steps, then linear to (almost) zero.
  double relative_rate = 0.035;  // of convolutions before a batch-norm: step over weight, in norms
  double learning_rate = 0.15;   // of all else
  double warm_up = 0.15;
  double momentum = 0.9;       // Nesterov
  double weight_decay = 5e-4;  // on convolution and linear weights only
  double clip = 5;             // longest gradient of what learning_rate drives; 0: none
  double label_smoothing = 0.0;
  double distill = 0.9;  // share of the distillation term in the loss; 0 without a teacher
  double temperature = 4.0;
  // Weight of the squared error of what the classifier reads, over the variance of the teacher's
  // (FitNets, arXiv 1412.6550, there in the middle; at the end as in SimKD, arXiv 2203.14001).
  // Without effect where the teacher has shown none.
  double hint = 0;
  double average = 0.0;       // decay of the weights' exponential moving average per step; 0: none
  Augmentation augmentation;  // taken from the teacher's outputs when those are given
  // Bits of weights, per channel, that pass through fake quantisation, and 8-bit activations with
  // them, whose steps are learned (LSQ, arXiv 1902.08153); 0: none. Not together with `average`.
  int weight_bits = 0;
  uint64_t seed = 0;
  Compute compute;      // bf16: only where weight_bits is 0
  Seconds deadline{0};  // on `clock`; 0: none. The schedule is shortened so that it ends there.
  const Clock* clock = nullptr;
  std::function<bool(const TrainProgress&)>
      progress;  // every few steps; false stops (kInterrupted)
  // Stop after this step of the schedule and return the state to go on from; 0: run to the end.
  int64_t stop_after = 0;
  std::string resume_state;  // as returned by an earlier call
};

struct TrainResult {
  Network network;  // with the trained weights; under fake quantisation, in the end, those that
                    // they are rounded to
  std::map<std::string, std::pair<float, float>>
      ranges;         // of fake-quantised activations: lowest and highest value
  std::string state;  // safetensors: optimizer state and step; empty when the schedule has ended
  int64_t steps = 0;
  double loss = 0;
  double images_per_second = 0;
};

// `teacher` may be null (labels only). Labels of the set are always used unless options.distill
// is 1. Errors: kModel (cannot be trained), kInternal (diverged: loss not finite; the message names
// the step). Throws std::logic_error for bfloat16 or an average under fake quantisation.
Expected<TrainResult> Train(const Network& network, const ImageSet& images,
                            const TeacherOutputs* teacher, const TrainOptions& options);

// A candidate for the part of the teacher between two values.
struct SpanJob {
  std::string input, output;  // values of the teacher
  Network fragment;           // one input, one output, shapes as the teacher's there
};

struct SpanResult {
  Network fragment;
  double error =
      0;  // mean squared error over the output's energy, on images not trained on; 0 is perfect
};

struct DistillOptions {
  int64_t images = 4096;  // of the set, per epoch
  double epochs = 2;
  int64_t batch = 128;
  double learning_rate = 2e-3;  // Adam, one cycle
  uint64_t seed = 0;
  Compute compute;  // bf16: of the candidates; the teacher computes in float
  std::function<bool(double fraction)> progress;
};

// Every fragment learns the teacher's span output from the teacher's span input; the teacher runs
// once per batch for all. One entry per job; a job that fails is an Error in its place.
Expected<std::vector<Expected<SpanResult>>> DistillSpans(const Network& teacher,
                                                         const std::vector<SpanJob>& jobs,
                                                         const ImageSet& images,
                                                         const DistillOptions& options);

struct ReplacementScore {
  double divergence = 0;  // KL(teacher || with the candidate), nats per image; 0 is perfect
  double agreement = 0;   // share of images with the same top-1
};
// Score of each job: put into the intact teacher, batch-norm recalibrated (step 4). `images` are
// held out from distilling.
Expected<std::vector<Expected<ReplacementScore>>> ScoreReplacements(
    const Network& teacher, const std::vector<SpanJob>& jobs, const ImageSet& images,
    const Compute& compute = {});

}  // namespace nacre
