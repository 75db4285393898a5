#include "train/distill.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>

#include "base/random.h"
#include "train/batch.h"
#include "train/guarded.h"
#include "train/memory.h"
#include "train/module.h"
#include "train/optimizer.h"
#include "train/ridge_start.h"
#include "train/schedule.h"
#include "train/side_by_side.h"

namespace nacre {

using namespace train_internal;

namespace {

constexpr double kWarmUp = 0.1;           // share of the steps over which the rate rises; a guess
constexpr int64_t kHeldOutShare = 16;     // one image of so many is held out, up to
constexpr int64_t kMostHeldOut = 512;     // so many, to measure errors on; both are guesses
constexpr double kLeastEnergy = 1e-8;     // of a target, so that a span of zeros has a finite loss
constexpr int64_t kMostStartBatches = 8;  // that start weights are solved from; a guess

// One candidate under training, and its slots in the teacher.
struct Student {
  Module module;
  Adam adam;
  int input = -1, output = -1;
  double error = 0, energy = 0;  // sums over the images held out

  Student(Module lowered, int input, int output)
      : module(std::move(lowered)), adam(module.parameters()), input(input), output(output) {}
};

Expected<Student> MakeStudent(const Module& teacher, const SpanJob& job, bool bf16) {
  NACRE_TRY(Module module, Module::Lower(job.fragment, {.bf16 = bf16}));
  const int input = teacher.Slot(job.input), output = teacher.Slot(job.output);
  if (input >= 0 && output >= 0) return Student(std::move(module), input, output);
  return Fail(ErrorKind::kModel, "the teacher lacks '" + job.input + "' or '" + job.output + "'");
}

void TrainStep(Student& student, const Frame& teacher, double learning_rate) {
  if (student.module.parameters().empty()) return;
  const at::Tensor target = teacher.values[student.output];
  const at::Tensor output =
      student.module.Forward(teacher.values[student.input], {.training = true});
  if (output.sizes() != target.sizes())
    throw std::runtime_error("the candidate's output has another shape than the span's");
  const at::Tensor energy = target.square().mean().clamp_min(kLeastEnergy);
  const at::Tensor loss = (output - target).square().mean() / energy;
  if (!std::isfinite(loss.item<double>())) throw std::runtime_error("the loss is not finite");
  loss.backward();
  student.adam.Step(learning_rate);
}

void MeasureError(Student& student, const Frame& teacher) {
  const at::NoGradGuard no_grad;
  const at::Tensor target = teacher.values[student.output];
  const at::Tensor output = student.module.Forward(teacher.values[student.input]);
  student.error += (output - target).square().sum().item<double>();
  student.energy += target.square().sum().item<double>();
}

std::vector<int64_t> Numbers(int64_t begin, int64_t end) {
  std::vector<int64_t> numbers(static_cast<size_t>(end - begin));
  std::iota(numbers.begin(), numbers.end(), begin);
  return numbers;
}

// Images at once, so that the teacher's values and what every thread's student needs for gradients
// fit: a student keeps about as much again as its span does.
int64_t BatchFor(const Network& teacher, const std::vector<SpanJob>& jobs,
                 const DistillOptions& options) {
  const int64_t run =
      BatchToRunBeside(teacher, ValuesOf(jobs), options.compute.threads, options.batch);
  int64_t least = run;
  for (const SpanJob& job : jobs) {
    const int64_t train = BatchToTrain(job.fragment, options.batch) / options.compute.threads;
    least = std::min(least, std::max<int64_t>(1, train));
  }
  return least;
}

class Distiller {
 public:
  // `network`: the teacher.
  Distiller(const Network& network, Module teacher, const std::vector<SpanJob>& jobs,
            const ImageSet& images, const DistillOptions& options)
      : teacher_(std::move(teacher)),
        jobs_(jobs),
        options_(options),
        pixels_(images),
        crew_(options.compute.threads),
        batch_(BatchFor(network, jobs, options)) {
    const int64_t used = std::min(options.images, images.count());
    const int64_t held =
        std::min<int64_t>(kMostHeldOut, std::max<int64_t>(1, used / kHeldOutShare));
    learned_ = Numbers(0, used - held);
    held_ = Numbers(used - held, used);
    std::vector<int> slots;
    for (const SpanJob& job : jobs) {
      students_.push_back(MakeStudent(teacher_, job, options.compute.bf16));
      starts_.emplace_back();
      const auto& student = students_.back();
      if (!student) continue;
      slots.insert(slots.end(), {student->input, student->output});
      if (options.solve_start) starts_.back() = Start::For(network, teacher_, job);
      if (starts_.back()) slots.push_back(starts_.back()->target);
    }
    operations_ = teacher_.OperationsTo(slots);
  }

  Expected<void> Run() {
    const auto count = static_cast<int64_t>(learned_.size());
    const int64_t batch = std::min(batch_, std::max<int64_t>(1, count));
    SolveStarts(batch);
    const int64_t per_epoch = std::max<int64_t>(1, count / batch);
    const auto steps =
        std::max<int64_t>(1, std::llround(options_.epochs * static_cast<double>(per_epoch)));
    for (int64_t step = 0; step < steps; ++step) {
      if (step % per_epoch == 0) Shuffle(step / per_epoch);
      const auto begin = learned_.begin() + step % per_epoch * batch;
      const double middle = (static_cast<double>(step) + 0.5) / static_cast<double>(steps);
      Learn({begin, begin + batch}, options_.learning_rate * OneCycle(middle, kWarmUp));
      const double done = static_cast<double>(step + 1) / static_cast<double>(steps);
      if (options_.progress && !options_.progress(done))
        return Fail(ErrorKind::kInterrupted, "distillation was interrupted");
    }
    for (size_t begin = 0; begin < held_.size(); begin += static_cast<size_t>(batch_)) {
      const size_t end = std::min(held_.size(), begin + static_cast<size_t>(batch_));
      const Frame frame = RunTeacher(std::span(held_).subspan(begin, end - begin));
      ForEachStudent([&](Student& student, size_t) { MeasureError(student, frame); });
    }
    return {};
  }

  std::vector<Expected<SpanResult>> Results() const {
    std::vector<Expected<SpanResult>> results;
    for (size_t i = 0; i < students_.size(); ++i) {
      results.push_back(students_[i].map([&](const Student& student) {
        return SpanResult{student.module.Export(jobs_[i].fragment),
                          student.error / std::max(student.energy, 1e-12)};
      }));
    }
    return results;
  }

 private:
  // Start weights of a student that are solved for, and the teacher's slot that they aim at.
  struct Start {
    RidgeStart ridge;
    int target = -1;

    static std::optional<Start> For(const Network& network, const Module& teacher,
                                    const SpanJob& job) {
      auto ridge = RidgeStart::For(network, job);
      const int target = teacher.Slot(BeforeActivation(network, job.output));
      if (!ridge || target < 0) return std::nullopt;
      return Start{std::move(*ridge), target};
    }
  };

  void SolveStarts(int64_t batch) {
    const auto most = static_cast<int64_t>(learned_.size()) / batch;
    const auto batches = std::clamp<int64_t>(most, 1, kMostStartBatches);
    for (size_t pass = 0; pass < 2; ++pass) {
      ForEachStart(pass, [&](Start& start, Student&) { start.ridge.Begin(pass); });
      for (int64_t b = 0; b < batches; ++b) {
        const Frame frame = RunTeacher({learned_.data() + b * batch, static_cast<size_t>(batch)});
        ForEachStart(pass, [&](Start& start, Student& student) {
          if (!start.ridge.WantsMore()) return;
          start.ridge.Add(frame.values[student.input], frame.values[start.target]);
        });
      }
      ForEachStart(pass, [&](Start& start, Student&) { start.ridge.End(); });
    }
    const Frame frame = RunTeacher({learned_.data(), static_cast<size_t>(batch)});
    ForEachStart(0, [&](Start& start, Student& student) {
      const Network better =
          start.ridge.Better(frame.values[student.input], frame.values[student.output]);
      auto module = Module::Lower(better, {.bf16 = options_.compute.bf16});
      if (module) student = Student(std::move(*module), student.input, student.output);
    });
    starts_.clear();
  }

  // Of the students that still have something to solve for in this pass. What cannot be solved
  // begins as it is.
  template <typename F>
  void ForEachStart(size_t pass, F&& act) {
    ForEachStudent([&](Student& student, size_t index) {
      auto& start = starts_[index];
      if (!start || pass >= start->ridge.passes()) return;
      try {
        act(*start, student);
      } catch (const std::runtime_error&) {
        start.reset();
      }
    });
  }

  void Shuffle(int64_t epoch) {
    Random(options_.seed).Fork("epoch " + std::to_string(epoch)).Shuffle(learned_);
  }

  void Learn(const std::vector<int64_t>& images, double learning_rate) {
    const Frame frame = RunTeacher(images);
    ForEachStudent([&](Student& student, size_t) { TrainStep(student, frame, learning_rate); });
  }

  Frame RunTeacher(std::span<const int64_t> images) const {
    const at::NoGradGuard no_grad;
    Frame frame = teacher_.NewFrame({});
    frame.values[teacher_.InputSlot()] = PlainBatch(pixels_, images);
    teacher_.Run(frame, operations_);
    return frame;
  }

  // A student that fails becomes an Error in its place and is left out from then on.
  template <typename F>
  void ForEachStudent(F&& act) {
    SideBySide(crew_, students_.size(), [&](int, size_t index) {
      auto& student = students_[index];
      if (!student) return;
      try {
        act(*student, index);
      } catch (const std::logic_error&) {
        throw;
      } catch (const std::exception& error) {
        student = tl::unexpected<Error>(FromException(error, "distilling"));
      }
    });
  }

  Module teacher_;
  const std::vector<SpanJob>& jobs_;
  const DistillOptions& options_;
  Normalizer pixels_;
  Crew crew_;
  int64_t batch_;
  std::vector<int64_t> learned_, held_;  // images to learn from, and to measure errors on
  std::vector<Expected<Student>> students_;
  std::vector<std::optional<Start>> starts_;  // of the students, until they are solved for
  std::vector<size_t> operations_;            // of the teacher, as far as spans need them
};

}  // namespace

Expected<std::vector<Expected<SpanResult>>> DistillSpans(const Network& teacher,
                                                         const std::vector<SpanJob>& jobs,
                                                         const ImageSet& images,
                                                         const DistillOptions& options) {
  NACRE_CHECK_OK(CheckCompute(options.compute));
  if (std::min(options.images, images.count()) < 2) {
    return Fail(ErrorKind::kData,
                "distillation needs at least two images, of which one is held out");
  }
  LowerOptions lower;
  for (const SpanJob& job : jobs)
    lower.keep.insert({job.input, job.output, BeforeActivation(teacher, job.output)});
  NACRE_TRY(Module module, Module::Lower(teacher, lower));
  return Guarded("distilling", [&]() -> Expected<std::vector<Expected<SpanResult>>> {
    const TorchThreads threads(options.compute.threads);
    Distiller distiller(teacher, std::move(module), jobs, images, options);
    NACRE_CHECK_OK(distiller.Run());
    return distiller.Results();
  });
}

}  // namespace nacre
