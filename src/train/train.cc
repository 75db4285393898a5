#include "train/train.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "graph/shapes.h"
#include "train/average.h"
#include "train/batch.h"
#include "train/convert.h"
#include "train/guarded.h"
#include "train/memory.h"
#include "train/module.h"
#include "train/module_optimizer.h"
#include "train/position.h"
#include "train/replicas.h"
#include "train/safetensors.h"
#include "train/sampler.h"
#include "train/schedule.h"
#include "train/training_loss.h"

namespace nacre {

using namespace train_internal;

namespace {

constexpr int64_t kStepsPerReport = 10;
// Batches whose extremes the scales of fake-quantised activations begin with. A guess: few enough
// to cost nothing beside training, and learning moves the scales anyway.
constexpr int64_t kObservedBatches = 8;

// A training state: tensors by such names, beside those of optimizer and average.
constexpr char kBuffer[] = "buffer:";

SampledBatch Slice(const SampledBatch& batch, int64_t begin, int64_t end) {
  return {.images = {batch.images.begin() + begin, batch.images.begin() + end},
          .variants = {batch.variants.begin() + begin, batch.variants.begin() + end}};
}

// How images are varied, and from which seed: as the teacher saw them, where there is one.
struct Variation {
  Augmentation augmentation;
  uint64_t seed = 0;
};

Variation VariationOf(const TeacherOutputs* teacher, const TrainOptions& options) {
  if (teacher) return {teacher->augmentation, teacher->seed};
  Variation variation{options.augmentation, options.seed};
  variation.augmentation.mix = 0;  // a label is of one image
  return variation;
}

// Slot of what the classifier reads, when the teacher's features are of the same width and the hint
// is wanted; else -1.
int HintSlot(const Module& module, const Network& network, const TeacherOutputs* teacher,
             const LossOptions& loss) {
  if (teacher == nullptr || loss.hint <= 0 || teacher->width == 0) return -1;
  const auto shapes = InferShapes(network, 1);
  if (!shapes) return -1;
  const std::string value = ClassifierInput(network);
  const auto found = shapes->find(value);
  if (found == shapes->end() || found->second.shape.size() != 2) return -1;
  return found->second.shape[1] == teacher->width ? module.Slot(value) : -1;
}

int64_t StepsOf(double epochs, int64_t steps_per_epoch) {
  return std::max<int64_t>(1, std::llround(epochs * static_cast<double>(steps_per_epoch)));
}

class Trainer {
 public:
  Trainer(const Network& network, const ImageSet& images, const TeacherOutputs* teacher,
          const TrainOptions& options, Module module)
      : network_(network),
        options_(options),
        batch_(std::min<int64_t>(options.batch, images.count())),
        replicas_(std::move(module), options.compute.threads, batch_),
        module_(replicas_.first()),
        pixels_(images),
        variation_(VariationOf(teacher, options)),
        sampler_(images.count(), batch_, teacher ? teacher->variants : 0, options.seed),
        loss_(images, teacher, options.loss),
        optimizer_(module_.parameters(), options.optimizer),
        average_(options.average),
        hint_(HintSlot(module_, network, teacher, options.loss)),
        all_(module_.OperationsTo({module_.OutputSlot()})),
        at_once_(std::max<int64_t>(
            1, BatchToTrain(network, batch_) / std::max(1, options.compute.threads))),
        steps_(StepsOf(options.epochs, sampler_.steps_per_epoch())) {}

  Expected<TrainResult> Run() {
    NACRE_CHECK_OK(Restore());
    if (optimizer_.ScalesAreNew()) Observe();
    Schedule schedule({.steps = steps_,
                       .deadline = options_.deadline,
                       .clock = options_.clock,
                       .begin_step = step_,
                       .begin_fraction = begun_,
                       .pace = options_.pace});
    const Seconds start = SteadyClock().Now();
    const int64_t first = step_;
    while (!IsStopped(schedule)) {
      NACRE_CHECK_OK(TakeStep(schedule));
      const auto images = static_cast<double>((step_ - first) * batch_);
      images_per_second_ = images / (SteadyClock().Now() - start).count();
      NACRE_CHECK_OK(Report(schedule));
    }
    NACRE_CHECK_OK(CheckParameters());
    return Finish(schedule);
  }

 private:
  bool IsStopped(Schedule& schedule) const {
    if (schedule.Fraction(step_) >= 1) return true;
    return options_.stop_after > 0 && step_ >= options_.stop_after;
  }

  Expected<void> TakeStep(Schedule& schedule) {
    const double middle = schedule.Fraction(step_) + 0.5 / static_cast<double>(steps_);
    const double loss = Step(OneCycle(middle, options_.optimizer.warm_up));
    if (!std::isfinite(loss)) {
      return Fail(ErrorKind::kInternal, "training diverged: the loss is not finite at step " +
                                            std::to_string(step_) + "; lower the learning rate");
    }
    ++step_;
    losses_ = std::min(losses_ + 1, sampler_.steps_per_epoch());
    mean_loss_ += (loss - mean_loss_) / static_cast<double>(losses_);
    return {};
  }

  // Returns the loss. `cycle` is the share of the peak rates.
  double Step(double cycle) {
    const SampledBatch batch = sampler_.At(step_);
    const auto loss_of_part = [&](const Module& module, int64_t begin, int64_t end) {
      const double share = static_cast<double>(end - begin) / static_cast<double>(batch_);
      return share * Loss(module, Slice(batch, begin, end));
    };
    const double loss = replicas_.Differentiate(loss_of_part, at_once_);
    replicas_.Each([&](int part, int parts) { optimizer_.Step(cycle, part, parts); });
    average_.Update(module_, step_);
    return loss;
  }

  at::Tensor Loss(const Module& module, const SampledBatch& batch) const {
    Frame frame = module.NewFrame({.training = true});
    frame.values[module.InputSlot()] = Pixels(batch);
    module.Run(frame, all_);
    const at::Tensor logits = frame.values[module.OutputSlot()].flatten(1).to(at::kFloat);
    const at::Tensor loss = loss_.OfLogits(logits, batch);
    return hint_ < 0 ? loss : loss + loss_.OfFeatures(frame.values[hint_], batch);
  }

  at::Tensor Pixels(const SampledBatch& batch) const {
    return AugmentedBatch(pixels_, batch.images, batch.variants, variation_.augmentation,
                          variation_.seed);
  }

  Expected<void> Report(Schedule& schedule) const {
    if (!options_.progress || step_ % kStepsPerReport != 0) return {};
    if (options_.progress({.step = step_,
                           .steps = schedule.PlannedSteps(step_),
                           .loss = mean_loss_,
                           .images_per_second = images_per_second_}))
      return {};
    return Fail(ErrorKind::kInterrupted, "training was interrupted");
  }

  // A loss may stay finite for one more step after a weight has not.
  Expected<void> CheckParameters() {
    for (const Parameter& parameter : module_.parameters()) {
      if (parameter.tensor.detach().isfinite().all().item<bool>()) continue;
      return Fail(ErrorKind::kInternal, "training diverged: " + parameter.name +
                                            " is not finite after step " + std::to_string(step_) +
                                            "; lower the learning rate");
    }
    return {};
  }

  TrainResult Finish(Schedule& schedule) {
    TrainResult result{.steps = step_, .loss = mean_loss_, .images_per_second = images_per_second_};
    const double fraction = schedule.Fraction(step_);
    result.fraction = std::min(1.0, fraction);
    std::map<std::string, at::Tensor> averages;
    if (fraction >= 1) {
      module_.RoundWeights();
      averages = average_.tensors();
    } else {
      result.state = Save(fraction);
    }
    result.pace = schedule.Pace();
    result.ranges = module_.LearnedRanges();
    result.network = module_.Export(network_, averages);
    return result;
  }

  // The next batches show the ranges that the activations' scales begin with (fake quantisation).
  void Observe() {
    const at::NoGradGuard no_grad;
    const int64_t batches = std::min(kObservedBatches, sampler_.steps_per_epoch());
    for (int64_t i = 0; i < batches; ++i) {
      Frame frame = module_.NewFrame({.observe = true});
      frame.values[module_.InputSlot()] = Pixels(sampler_.At(step_ + i));
      module_.Run(frame, all_);
    }
    replicas_.ShareBuffers();
  }

  std::string Save(double fraction) const {
    SafeTensors state;
    optimizer_.Save(state);
    average_.Save(state);
    for (const auto& [name, tensor] : module_.Buffers())
      state.tensors[kBuffer + name] = FromTorch(tensor);
    SavePosition({.step = step_, .fraction = fraction, .loss = mean_loss_}, state);
    return WriteSafeTensors(state);
  }

  Expected<void> Restore() {
    if (options_.resume_state.empty()) return {};
    const at::NoGradGuard no_grad;
    NACRE_TRY(const SafeTensors state, ReadSafeTensors(options_.resume_state));
    NACRE_TRY(const Position position, ReadPosition(state, steps_));
    step_ = position.step;
    begun_ = position.fraction;
    mean_loss_ = position.loss;
    NACRE_CHECK_OK(optimizer_.Restore(state));
    average_.Restore(state);
    for (auto& [name, buffer] : module_.Buffers()) {
      const auto found = state.tensors.find(kBuffer + name);
      if (found != state.tensors.end()) buffer.copy_(ToTorch(found->second));
    }
    replicas_.ShareBuffers();
    losses_ = std::min(step_, sampler_.steps_per_epoch());
    return {};
  }

  const Network& network_;
  const TrainOptions& options_;
  int64_t batch_;
  Replicas replicas_;
  Module& module_;  // the first of them
  Normalizer pixels_;
  Variation variation_;
  Sampler sampler_;
  TrainingLoss loss_;
  ModuleOptimizer optimizer_;
  WeightAverage average_;
  int hint_;                 // slot of what the hint compares; -1: no hint
  std::vector<size_t> all_;  // operations
  int64_t at_once_;          // images that one replica takes in: memory is bounded
  int64_t steps_;            // in all, unless a deadline ends the training before
  int64_t step_ = 0;         // taken, those of earlier calls included
  double begun_ = 0;         // share of the schedule that earlier calls have done
  int64_t losses_ = 0;       // that mean_loss_ is of
  double mean_loss_ = 0, images_per_second_ = 0;
};

// Every step allocates what the one before has freed: that memory stays with the process instead of
// being returned, mapped and cleared anew. docs/history.md has what it gave.
void KeepFreedMemory() {
#ifdef __GLIBC__
  constexpr int kBytes = 1 << 30;
  static const bool once =
      mallopt(M_MMAP_THRESHOLD, kBytes) != 0 && mallopt(M_TRIM_THRESHOLD, kBytes) != 0;
  (void)once;
#endif
}

}  // namespace

Expected<TrainResult> Train(const Network& original, const ImageSet& images,
                            const TeacherOutputs* teacher, const TrainOptions& options) {
  const Network network = JoinAnswers(original, options.loss.form);
  if (options.compute.bf16 && options.weight_bits > 0)
    throw std::logic_error("fake quantisation is trained in float");
  if (options.average > 0 && options.weight_bits > 0)
    throw std::logic_error("weights under fake quantisation are not averaged");
  NACRE_CHECK_OK(CheckCompute(options.compute));
  NACRE_CHECK_OK(CheckFits(network, images, teacher));
  LowerOptions lower{.weight_bits = options.weight_bits, .bf16 = options.compute.bf16};
  const std::string features = options.loss.hint > 0 ? ClassifierInput(network) : "";
  if (!features.empty()) lower.keep.insert(features);
  NACRE_TRY(Module module, Module::Lower(network, lower));
  KeepFreedMemory();
  return Guarded("training", [&]() -> Expected<TrainResult> {
    const TorchThreads threads(options.compute.threads);
    NACRE_TRY(TrainResult result,
              Trainer(network, images, teacher, options, std::move(module)).Run());
    result.network = SeparateAnswers(std::move(result.network), original, options.loss.form);
    return result;
  });
}

}  // namespace nacre
