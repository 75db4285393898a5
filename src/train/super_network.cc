#include "train/super_network.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include "base/random.h"
#include "train/batch.h"
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

// The weights of the largest network as one row of numbers, in the order of NumberWeights. Modules
// of sub-networks take their weights from here and bring their gradients back.
class SharedWeights {
 public:
  SharedWeights(const Network& network, Module& largest)
      : numbers_(NumberWeights(network)),
        largest_(largest),
        values_(at::zeros({numbers_.total})),
        gradients_(at::zeros({numbers_.total})) {}

  // Of the parameter called `name` of the largest network.
  at::Tensor Part(const at::Tensor& row, const Parameter& parameter) const {
    return row.narrow(0, numbers_.first.at(parameter.name), parameter.tensor.numel());
  }
  void Load() {
    for (const Parameter& each : largest_.parameters())
      Part(values_, each).copy_(each.tensor.detach().flatten());
    gradients_.zero_();
  }
  const at::Tensor& values() const { return values_; }
  at::Tensor& gradients() { return gradients_; }
  // Gives the largest network the gradients, divided by `members`.
  void Store(double members) {
    for (Parameter& each : largest_.parameters()) {
      each.tensor.mutable_grad() = (Part(gradients_, each) / members)
                                       .view(each.tensor.sizes())
                                       .contiguous(each.tensor.suggest_memory_format());
    }
  }

 private:
  const WeightNumbers numbers_;
  Module& largest_;
  at::Tensor values_, gradients_;
};

// A sub-network in training, and where its weights are among the shared ones.
class Member {
 public:
  static Expected<std::unique_ptr<Member>> Make(const Network& network,
                                                const Elasticity& elasticity,
                                                const std::vector<int>& genes,
                                                const TrainOptions& options, int64_t batch) {
    NACRE_TRY(const Network subnet, ExtractSubnet(network, elasticity, genes));
    NACRE_TRY(const auto elements, SharedElements(network, elasticity, genes));
    NACRE_TRY(Module module, Module::Lower(JoinAnswers(subnet, options.loss.form), {}));
    const int64_t at_once =
        std::max<int64_t>(1, BatchToTrain(subnet, batch) / std::max(1, options.compute.threads));
    std::unique_ptr<Member> member(
        new Member(std::move(module), options.compute.threads, batch, at_once));
    for (const Parameter& each : member->module().parameters()) {
      const std::vector<int64_t>& of = elements.at(each.name);
      member->elements_.push_back(at::from_blob(const_cast<int64_t*>(of.data()),
                                                {static_cast<int64_t>(of.size())},
                                                at::TensorOptions().dtype(at::kLong))
                                      .clone());
    }
    return member;
  }

  // Adds its gradients; returns its loss.
  double Differentiate(const Replicas::Loss& loss, SharedWeights& shared) {
    {
      const at::NoGradGuard no_grad;
      for (size_t i = 0; i < elements_.size(); ++i) {
        at::Tensor& tensor = module().parameters()[i].tensor;
        tensor.copy_(shared.values().index_select(0, elements_[i]).view(tensor.sizes()));
      }
    }
    const double value = replicas_.Differentiate(loss, at_once_);
    const at::NoGradGuard no_grad;
    for (size_t i = 0; i < elements_.size(); ++i) {
      at::Tensor& gradient = module().parameters()[i].tensor.mutable_grad();
      if (!gradient.defined()) continue;
      shared.gradients().index_add_(0, elements_[i], gradient.flatten());
      gradient = at::Tensor();
    }
    return value;
  }

 private:
  Member(Module module, int threads, int64_t batch, int64_t at_once)
      : replicas_(std::move(module), threads, batch), at_once_(at_once) {}
  Module& module() { return replicas_.first(); }

  Replicas replicas_;
  int64_t at_once_;
  std::vector<at::Tensor> elements_;  // numbers among the shared weights, by parameter
};

class SuperTrainer {
 public:
  SuperTrainer(const Network& network, const Elasticity& elasticity, const ImageSet& images,
               const TeacherOutputs* teacher, const SuperNetworkOptions& options, Module largest)
      : network_(network),
        elasticity_(elasticity),
        options_(options),
        batch_(std::min<int64_t>(options.train.batch, images.count())),
        largest_(std::move(largest)),
        shared_(network, largest_),
        pixels_(images),
        augmentation_(teacher ? teacher->augmentation : options.train.augmentation),
        seed_(teacher ? teacher->seed : options.train.seed),
        sampler_(images.count(), batch_, teacher ? teacher->variants : 0, options.train.seed),
        loss_(images, teacher, options.train.loss),
        optimizer_(largest_.parameters(), options.train.optimizer),
        most_(options.most.empty() ? elasticity.Smallest() : options.most),
        steps_(std::max<int64_t>(
            1,
            std::llround(options.train.epochs * static_cast<double>(sampler_.steps_per_epoch())))) {
    if (!teacher) augmentation_.mix = 0;  // a label is of one image
  }

  Expected<TrainResult> Run() {
    NACRE_CHECK_OK(Restore());
    const TrainOptions& train = options_.train;
    Schedule schedule({.steps = steps_,
                       .deadline = train.deadline,
                       .clock = train.clock,
                       .begin_step = at_.step,
                       .begin_fraction = at_.fraction,
                       .pace = train.pace});
    const Seconds start = SteadyClock().Now();
    const int64_t first = at_.step;
    while (!IsStopped(schedule)) {
      const double middle = at_.fraction + 0.5 / static_cast<double>(steps_);
      NACRE_TRY(const double loss, Step(OneCycle(middle, train.optimizer.warm_up)));
      if (!std::isfinite(loss)) {
        return Fail(ErrorKind::kInternal, "training diverged: the loss is not finite at step " +
                                              std::to_string(at_.step) +
                                              "; lower the learning rate");
      }
      ++at_.step;
      losses_ = std::min(losses_ + 1, sampler_.steps_per_epoch());
      at_.loss += (loss - at_.loss) / static_cast<double>(losses_);
      images_per_second_ =
          static_cast<double>((at_.step - first) * batch_) / (SteadyClock().Now() - start).count();
      NACRE_CHECK_OK(Report(schedule));
    }
    return Finish(schedule);
  }

 private:
  bool IsStopped(Schedule& schedule) {
    at_.fraction = schedule.Fraction(at_.step);
    if (at_.fraction >= std::min(1.0, options_.until)) return true;
    const int64_t stop = options_.train.stop_after;
    return stop > 0 && at_.step >= stop;
  }

  TrainResult Finish(Schedule& schedule) {
    TrainResult result{.steps = at_.step, .loss = at_.loss};
    result.fraction = std::min(1.0, at_.fraction);
    result.images_per_second = images_per_second_;
    result.pace = schedule.Pace();
    result.network = largest_.Export(network_);
    if (at_.fraction >= 1) return result;
    SafeTensors state;
    optimizer_.Save(state);
    SavePosition(at_, state);
    result.state = WriteSafeTensors(state);
    return result;
  }

  Expected<void> Restore() {
    if (options_.train.resume_state.empty()) return {};
    const at::NoGradGuard no_grad;
    NACRE_TRY(const SafeTensors state, ReadSafeTensors(options_.train.resume_state));
    NACRE_CHECK_OK(optimizer_.Restore(state));
    NACRE_TRY(at_, ReadPosition(state, steps_));
    losses_ = std::min(at_.step, sampler_.steps_per_epoch());
    return {};
  }

  // The mean loss of the sub-networks.
  Expected<double> Step(double cycle) {
    const SampledBatch batch = sampler_.At(at_.step);
    const auto loss_of = [&](const Module& module, int64_t begin, int64_t end) {
      return Loss(module,
                  {.images = {batch.images.begin() + begin, batch.images.begin() + end},
                   .variants = {batch.variants.begin() + begin, batch.variants.begin() + end}});
    };
    shared_.Load();
    double sum = 0, members = 0;
    for (const std::vector<int>& genes : GenesOf(at_.step)) {
      NACRE_TRY(Member* const member, Lowered(genes));
      sum += member->Differentiate(loss_of, shared_);
      ++members;
    }
    const at::NoGradGuard no_grad;
    shared_.Store(members);
    optimizer_.Step(cycle);
    return sum / members;
  }

  // Of a part of the batch, so that those of all parts add up to the mean over the batch.
  at::Tensor Loss(const Module& module, const SampledBatch& part) const {
    Frame frame = module.NewFrame({.training = true});
    frame.values[module.InputSlot()] =
        AugmentedBatch(pixels_, part.images, part.variants, augmentation_, seed_);
    module.Run(frame, module.OperationsTo({module.OutputSlot()}));
    const at::Tensor logits = frame.values[module.OutputSlot()].flatten(1).to(at::kFloat);
    const double share = static_cast<double>(part.images.size()) / static_cast<double>(batch_);
    return share * loss_.OfLogits(logits, part);
  }

  // A function of the seed and the step, so that a training that stops goes on as it would have.
  std::vector<std::vector<int>> GenesOf(int64_t step) const {
    std::vector<std::vector<int>> all = {most_};
    Random random =
        Random(options_.train.seed).Fork("sub-networks of step " + std::to_string(step));
    for (int k = 0; k < options_.random; ++k) {
      std::vector<int> genes;
      for (const int most : most_)
        genes.push_back(static_cast<int>(random.Below(static_cast<uint64_t>(most) + 1)));
      all.push_back(std::move(genes));
    }
    if (options_.largest_every > 0 && step % options_.largest_every == 0)
      all.emplace_back(most_.size(), 0);
    return all;
  }

  // The smallest and the largest come again and stay lowered; of the others the last one.
  Expected<Member*> Lowered(const std::vector<int>& genes) {
    const bool stays = genes == most_ ||
                       std::all_of(genes.begin(), genes.end(), [](int gene) { return gene == 0; });
    std::unique_ptr<Member>& place = stays ? lowered_[genes] : drawn_;
    if (!stays || !place) {
      NACRE_TRY(place, Member::Make(network_, elasticity_, genes, options_.train, batch_));
    }
    return place.get();
  }

  Expected<void> Report(Schedule& schedule) const {
    if (!options_.train.progress || at_.step % kStepsPerReport != 0) return {};
    if (options_.train.progress({.step = at_.step,
                                 .steps = schedule.PlannedSteps(at_.step),
                                 .loss = at_.loss,
                                 .images_per_second = images_per_second_}))
      return {};
    return Fail(ErrorKind::kInterrupted, "training was interrupted");
  }

  const Network& network_;
  const Elasticity& elasticity_;
  const SuperNetworkOptions& options_;
  int64_t batch_;
  Module largest_;
  SharedWeights shared_;
  Normalizer pixels_;
  Augmentation augmentation_;
  uint64_t seed_;
  Sampler sampler_;
  TrainingLoss loss_;
  ModuleOptimizer optimizer_;
  const std::vector<int> most_;
  const int64_t steps_;  // in all, unless a deadline ends the training before
  Position at_;          // that of earlier calls included
  int64_t losses_ = 0;   // that its loss is of
  double images_per_second_ = 0;
  std::map<std::vector<int>, std::unique_ptr<Member>> lowered_;
  std::unique_ptr<Member> drawn_;
};

}  // namespace

std::string WeightsFile(const Network& network) {
  SafeTensors file;
  for (const auto& [name, first] : NumberWeights(network).first)
    file.tensors[name] = network.initializers.at(name);
  return WriteSafeTensors(file);
}

int64_t SuperNetworkBytes(const Network& network, int64_t batch) {
  // Floats: weights, momentum and gradients of the largest, both rows of shared weights, and what
  // three sub-networks have at the same time; the numbers of their elements are twice as long.
  constexpr int64_t kFloats = 5 + 3 * 2 + 3 * 2;
  const int64_t bytes = static_cast<int64_t>(sizeof(float));
  return kFloats * bytes * NumberWeights(network).total + BytesToTrain(network, batch);
}

Expected<TrainResult> TrainSuperNetwork(const Network& network, const Elasticity& elasticity,
                                        const ImageSet& images, const TeacherOutputs* teacher,
                                        const SuperNetworkOptions& options) {
  const TrainOptions& train = options.train;
  if (train.weight_bits > 0 || train.average > 0 || train.compute.bf16)
    throw std::logic_error("a super-network is trained in float, without average");
  if (elasticity.dimensions.empty())
    return Fail(ErrorKind::kModel, "the network has no channels or blocks that it could lose");
  NACRE_CHECK_OK(CheckCompute(train.compute));
  NACRE_CHECK_OK(CheckFits(network, images, teacher));
  NACRE_TRY(Module largest, Module::Lower(network, {}));
  return Guarded("training", [&]() -> Expected<TrainResult> {
    const TorchThreads threads(train.compute.threads);
    return SuperTrainer(network, elasticity, images, teacher, options, std::move(largest)).Run();
  });
}

}  // namespace nacre
