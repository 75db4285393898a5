#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "base/random.h"
#include "graph/shapes.h"
#include "train/average.h"
#include "train/batch.h"
#include "train/learner.h"
#include "train/module.h"
#include "train/objective.h"
#include "train/replicas.h"
#include "train/safetensors.h"
#include "train/schedule.h"
#include "train/trainer.h"

namespace nacre {
namespace {

constexpr int64_t kStepsPerReport = 10;
constexpr int64_t kObserved = 8;  // batches that the steps of fake quantisation begin with

class Trainer {
 public:
  Trainer(const Network& network, const ImageSet& images, const TeacherOutputs* teacher,
          const TrainOptions& options, Module module)
      : network_(network),
        images_(images),
        teacher_(teacher),
        options_(options),
        batch_(std::min<int64_t>(options.batch, images.count())),
        replicas_(std::move(module), options.compute.threads, batch_),
        module_(replicas_.first()),
        pixels_(images),
        objective_(images, teacher, options),
        learner_(module_.parameters(), options),
        average_(options.average),
        hint_(HintSlot()),
        all_(module_.StepsTo({module_.OutputSlot()})),
        per_epoch_((images.count() + batch_ - 1) / batch_),
        steps_(
            std::max<int64_t>(1, std::llround(options.epochs * static_cast<double>(per_epoch_)))) {}

  Expected<TrainResult> Run() {
    NACRE_CHECK_OK(Restore());
    if (learner_.StepsAreNew()) Observe();
    const Schedule schedule(steps_, options_.deadline, options_.clock, begun_);
    const Seconds start = SteadyClock().Now();
    const int64_t first = step_;
    while (schedule.Fraction(step_) < 1 &&
           (options_.stop_after == 0 || step_ < options_.stop_after)) {
      const double fraction = schedule.Fraction(step_);
      const double half_step = 0.5 / static_cast<double>(steps_);
      const double loss = Step(OneCycle(fraction + half_step, options_.warm_up));
      if (!std::isfinite(loss)) {
        return Fail(ErrorKind::kInternal, "training diverged: the loss is not finite at step " +
                                              std::to_string(step_) + "; lower the learning rate");
      }
      ++step_;
      mean_loss_ += (loss - mean_loss_) / static_cast<double>(std::min(++losses_, per_epoch_));
      speed_ =
          static_cast<double>((step_ - first) * batch_) / (SteadyClock().Now() - start).count();
      if (options_.progress && step_ % kStepsPerReport == 0 &&
          !options_.progress({step_, schedule.PlannedSteps(step_), mean_loss_, speed_})) {
        return Fail(ErrorKind::kInterrupted, "training was interrupted");
      }
    }
    for (const Parameter& parameter : module_.parameters()) {
      if (parameter.tensor.detach().isfinite().all().item<bool>()) continue;
      return Fail(ErrorKind::kInternal, "training diverged: " + parameter.name +
                                            " is not finite after step " + std::to_string(step_) +
                                            "; lower the learning rate");
    }
    TrainResult result{.steps = step_, .loss = mean_loss_, .images_per_second = speed_};
    const bool ended = schedule.Fraction(step_) >= 1;
    if (!ended) result.state = Save(schedule.Fraction(step_));
    if (ended) module_.RoundWeights();
    result.ranges = module_.LearnedRanges();
    result.network =
        module_.Export(network_, ended ? average_.tensors() : std::map<std::string, at::Tensor>());
    return result;
  }

 private:
  // The images of step `step_` and the variant of each; every epoch has its own order.
  void Draw(std::vector<int64_t>& indices, std::vector<int64_t>& variants) {
    const int64_t epoch = step_ / per_epoch_, count = images_.count();
    if (order_.empty() || epoch != order_epoch_) {
      order_.resize(static_cast<size_t>(count));
      std::iota(order_.begin(), order_.end(), int64_t{0});
      Random(options_.seed).Fork("epoch " + std::to_string(epoch)).Shuffle(order_);
      order_epoch_ = epoch;
    }
    const int64_t begin = step_ % per_epoch_ * batch_;
    for (int64_t k = 0; k < batch_; ++k) {
      const int64_t image = order_[static_cast<size_t>((begin + k) % count)];
      indices.push_back(image);
      variants.push_back(teacher_ ? (epoch + image) % teacher_->variants : epoch);
    }
  }

  double Step(double cycle) {
    std::vector<int64_t> indices, variants;
    Draw(indices, variants);
    const double loss =
        replicas_.Differentiate([&](const Module& module, int64_t begin, int64_t end) {
          const std::vector<int64_t> images(indices.begin() + begin, indices.begin() + end);
          const double share = static_cast<double>(end - begin) / static_cast<double>(batch_);
          return share * Loss(module, images, {variants.begin() + begin, variants.begin() + end});
        });
    replicas_.Each([&](int part, int parts) { learner_.Step(cycle, part, parts); });
    average_.Take(module_, step_);
    return loss;
  }

  at::Tensor Loss(const Module& module, const std::vector<int64_t>& indices,
                  const std::vector<int64_t>& variants) const {
    Frame frame = module.NewFrame({.training = true});
    frame.values[module.InputSlot()] = Pixels(indices, variants);
    module.Run(frame, all_);
    const at::Tensor loss =
        objective_(frame.values[module.OutputSlot()].flatten(1).to(at::kFloat), indices, variants);
    return hint_ < 0 ? loss : loss + objective_.Hint(frame.values[hint_], indices, variants);
  }

  at::Tensor Pixels(const std::vector<int64_t>& indices,
                    const std::vector<int64_t>& variants) const {
    Augmentation augmentation = teacher_ ? teacher_->augmentation : options_.augmentation;
    if (!teacher_) augmentation.mix = 0;  // a label is of one image
    return AugmentedBatch(pixels_, indices, variants, augmentation,
                          teacher_ ? teacher_->seed : options_.seed);
  }

  // The next batches show what the activations' steps begin with (fake quantisation).
  void Observe() {
    const at::NoGradGuard no_grad;
    const int64_t begin = step_;
    for (; step_ < begin + std::min(kObserved, per_epoch_); ++step_) {
      std::vector<int64_t> indices, variants;
      Draw(indices, variants);
      Frame frame = module_.NewFrame({.observe = true});
      frame.values[module_.InputSlot()] = Pixels(indices, variants);
      module_.Run(frame, all_);
    }
    step_ = begin;
    replicas_.ShareBuffers();
  }

  // Of what the classifier reads, when the teacher has shown the same; else -1.
  int HintSlot() const {
    if (teacher_ == nullptr || options_.hint <= 0 || teacher_->width == 0) return -1;
    const auto shapes = InferShapes(network_, 1);
    const std::string value = ClassifierInput(network_);
    if (!shapes) return -1;
    const auto found = shapes->find(value);
    const bool known = found != shapes->end() && found->second.shape.size() == 2;
    return known && found->second.shape[1] == teacher_->width ? module_.Slot(value) : -1;
  }

  std::string Save(double fraction) {
    SafeTensors state;
    learner_.Save(state);
    average_.Save(state);
    for (const auto& [name, tensor] : module_.Buffers())
      state.tensors["buffer:" + name] = FromTorch(tensor);
    state.metadata["step"] = std::to_string(step_);
    state.metadata["fraction"] = std::to_string(fraction);
    state.metadata["loss"] = std::to_string(mean_loss_);
    return WriteSafeTensors(state);
  }

  Expected<void> Restore() {
    if (options_.resume_state.empty()) return {};
    const at::NoGradGuard no_grad;
    NACRE_TRY(const SafeTensors state, ReadSafeTensors(options_.resume_state));
    step_ = std::stoll(state.metadata.at("step"));
    NACRE_CHECK_OK(learner_.Restore(state));
    average_.Restore(state);
    for (auto& [name, buffer] : module_.Buffers()) {
      const auto found = state.tensors.find("buffer:" + name);
      if (found != state.tensors.end()) buffer.copy_(ToTorch(found->second));
    }
    replicas_.ShareBuffers();
    const auto fraction = state.metadata.find("fraction");  // older states have none
    begun_ = fraction != state.metadata.end()
                 ? std::stod(fraction->second)
                 : static_cast<double>(step_) / static_cast<double>(steps_);
    mean_loss_ = std::stod(state.metadata.at("loss"));
    losses_ = std::min(step_, per_epoch_);
    return {};
  }

  const Network& network_;
  const ImageSet& images_;
  const TeacherOutputs* teacher_;
  const TrainOptions& options_;
  int64_t batch_;
  Replicas replicas_;
  Module& module_;  // the first of them
  Normalizer pixels_;
  Objective objective_;
  Learner learner_;
  WeightAverage average_;
  int hint_;                 // slot
  std::vector<size_t> all_;  // steps
  int64_t per_epoch_, steps_, step_ = 0, losses_ = 0, order_epoch_ = -1;
  std::vector<int64_t> order_;
  double begun_ = 0;  // of the schedule, in earlier calls
  double mean_loss_ = 0, speed_ = 0;
};

// Every step allocates what the one before has freed: that memory stays with the process instead of
// being returned, mapped and cleared anew. docs/results.md has what it gave.
void KeepFreedMemory() {
#ifdef __GLIBC__
  constexpr int kBytes = 1 << 30;
  static const bool once =
      mallopt(M_MMAP_THRESHOLD, kBytes) != 0 && mallopt(M_TRIM_THRESHOLD, kBytes) != 0;
  (void)once;
#endif
}

}  // namespace

Expected<TrainResult> Train(const Network& network, const ImageSet& images,
                            const TeacherOutputs* teacher, const TrainOptions& options) {
  if (options.compute.bf16 && options.weight_bits > 0)
    throw std::logic_error("fake quantisation is trained in float");
  if (options.average > 0 && options.weight_bits > 0)
    throw std::logic_error("weights under fake quantisation are not averaged");
  NACRE_CHECK_OK(CheckCompute(options.compute));
  NACRE_CHECK_OK(CheckFits(network, images, teacher));
  LowerOptions lower{.weight_bits = options.weight_bits, .bf16 = options.compute.bf16};
  const std::string features = options.hint > 0 ? ClassifierInput(network) : "";
  if (!features.empty()) lower.keep.insert(features);
  NACRE_TRY(Module module, Module::Lower(network, lower));
  KeepFreedMemory();
  return Guarded("training", [&]() -> Expected<TrainResult> {
    const TorchThreads threads(options.compute.threads);
    return Trainer(network, images, teacher, options, std::move(module)).Run();
  });
}

}  // namespace nacre
