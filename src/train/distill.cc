#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "train/batch.h"
#include "train/module.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/side_by_side.h"
#include "train/trainer.h"

namespace nacre {
namespace {

// One candidate under training. After a failure it stays in its place and does nothing.
struct Learner {
  Module module;
  Adam adam;
  int input = -1, output = -1;  // slots of the teacher
  double error = 0, energy = 0;
  explicit Learner(Module m) : module(std::move(m)), adam(module.parameters()) {}
};

void Learn(Learner& learner, const Frame& teacher, double learning_rate) {
  if (learner.module.parameters().empty()) return;
  const at::Tensor target = teacher.values[learner.output];
  const at::Tensor output =
      learner.module.Forward(teacher.values[learner.input], {.training = true});
  if (output.sizes() != target.sizes()) {
    throw std::runtime_error("the candidate's output has another shape than the span's");
  }
  const at::Tensor loss =
      (output - target).square().mean() / target.square().mean().clamp_min(1e-8);
  if (!std::isfinite(loss.item<double>())) throw std::runtime_error("the loss is not finite");
  loss.backward();
  learner.adam.Step(learning_rate);
}

void Judge(Learner& learner, const Frame& teacher) {
  const at::NoGradGuard no_grad;
  const at::Tensor target = teacher.values[learner.output];
  const at::Tensor output = learner.module.Forward(teacher.values[learner.input]);
  learner.error += (output - target).square().sum().item<double>();
  learner.energy += target.square().sum().item<double>();
}

class Distiller {
 public:
  Distiller(Module teacher, const std::vector<SpanJob>& jobs, const ImageSet& images,
            const DistillOptions& options)
      : teacher_(std::move(teacher)),
        jobs_(jobs),
        options_(options),
        pixels_(images),
        crew_(options.compute.threads),
        used_(std::min(options.images, images.count())),
        held_(std::min<int64_t>(512, std::max<int64_t>(1, used_ / 16))) {
    for (const SpanJob& job : jobs) Add(job);
    for (const auto& learner : learners_) {
      if (!learner) continue;
      slots_.push_back(learner->input);
      slots_.push_back(learner->output);
    }
    steps_ = teacher_.StepsTo(slots_);
  }

  Expected<void> Run() {
    const int64_t batch = std::min(options_.batch, std::max<int64_t>(1, used_ - held_));
    const int64_t per_epoch = std::max<int64_t>(1, (used_ - held_) / batch);
    const int64_t total =
        std::max<int64_t>(1, std::llround(options_.epochs * static_cast<double>(per_epoch)));
    std::vector<int64_t> order(static_cast<size_t>(used_ - held_));
    std::iota(order.begin(), order.end(), int64_t{0});
    for (int64_t step = 0; step < total; ++step) {
      if (step % per_epoch == 0) {
        Random(options_.seed).Fork("epoch " + std::to_string(step / per_epoch)).Shuffle(order);
      }
      const auto begin = order.begin() + step % per_epoch * batch;
      const Frame frame = Teach(std::vector<int64_t>(begin, begin + batch));
      const double rate =
          options_.learning_rate * OneCycle((step + 0.5) / static_cast<double>(total), 0.1);
      Each([&](Learner& learner) { Learn(learner, frame, rate); });
      if (options_.progress &&
          !options_.progress(static_cast<double>(step + 1) / static_cast<double>(total))) {
        return Fail(ErrorKind::kInterrupted, "distillation was interrupted");
      }
    }
    std::vector<int64_t> held(static_cast<size_t>(held_));
    std::iota(held.begin(), held.end(), used_ - held_);
    const Frame frame = Teach(held);
    Each([&](Learner& learner) { Judge(learner, frame); });
    return {};
  }

  std::vector<Expected<SpanResult>> Results() const {
    std::vector<Expected<SpanResult>> results;
    for (size_t i = 0; i < learners_.size(); ++i) {
      if (!learners_[i]) {
        results.push_back(tl::unexpected<Error>(learners_[i].error()));
        continue;
      }
      const Learner& learner = *learners_[i];
      results.push_back(SpanResult{learner.module.Export(jobs_[i].fragment),
                                   learner.error / std::max(learner.energy, 1e-12)});
    }
    return results;
  }

 private:
  void Add(const SpanJob& job) {
    Expected<Module> module = Module::Lower(job.fragment, {.bf16 = options_.compute.bf16});
    const int input = teacher_.Slot(job.input), output = teacher_.Slot(job.output);
    if (!module) {
      learners_.push_back(tl::unexpected<Error>(module.error()));
    } else if (input < 0 || output < 0) {
      learners_.push_back(
          Fail(ErrorKind::kModel, "the teacher lacks '" + job.input + "' or '" + job.output + "'"));
    } else {
      learners_.push_back(Learner(std::move(*module)));
      learners_.back()->input = input;
      learners_.back()->output = output;
    }
  }

  Frame Teach(const std::vector<int64_t>& images) const {
    const at::NoGradGuard no_grad;
    Frame frame = teacher_.NewFrame({});
    frame.values[teacher_.InputSlot()] = PlainBatch(pixels_, images);
    teacher_.Run(frame, steps_);
    return frame;
  }

  template <typename F>
  void Each(F&& act) {
    SideBySide(crew_, learners_.size(), [&](int, size_t index) {
      auto& learner = learners_[index];
      if (!learner) return;
      try {
        act(*learner);
      } catch (const std::logic_error&) {
        throw;
      } catch (const std::exception& error) {
        learner = tl::unexpected<Error>(FromException(error, "distilling"));
      }
    });
  }

  Module teacher_;
  const std::vector<SpanJob>& jobs_;
  const DistillOptions& options_;
  Normalizer pixels_;
  Crew crew_;
  int64_t used_, held_;
  std::vector<Expected<Learner>> learners_;
  std::vector<int> slots_;
  std::vector<size_t> steps_;
};

}  // namespace

Expected<std::vector<Expected<SpanResult>>> DistillSpans(const Network& teacher,
                                                         const std::vector<SpanJob>& jobs,
                                                         const ImageSet& images,
                                                         const DistillOptions& options) {
  NACRE_CHECK_OK(CheckCompute(options.compute));
  if (std::min(options.images, images.count()) < 2) {
    return Fail(ErrorKind::kData, "distilling wants two images at least: one of them is held out");
  }
  LowerOptions lower;
  for (const SpanJob& job : jobs) lower.keep.insert({job.input, job.output});
  NACRE_TRY(Module module, Module::Lower(teacher, lower));
  return Guarded("distilling", [&]() -> Expected<std::vector<Expected<SpanResult>>> {
    const TorchThreads torch_threads(options.compute.threads);
    Distiller distiller(std::move(module), jobs, images, options);
    NACRE_CHECK_OK(distiller.Run());
    return distiller.Results();
  });
}

}  // namespace nacre
