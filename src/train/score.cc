#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "train/batch.h"
#include "train/module.h"
#include "train/side_by_side.h"
#include "train/trainer.h"

namespace nacre {
namespace {

constexpr int64_t kBatch = 256;

// One candidate in the intact teacher: its own weights, its own copy of the batch-norm statistics
// behind it.
struct Placed {
  Module module;
  int input = -1, output = -1;
  std::vector<size_t> suffix;            // the teacher's steps behind the span
  std::vector<at::Tensor> statistics;    // of the whole teacher
  double divergence = 0, agreement = 0;  // sums over the images
};

Expected<Placed> Place(const Module& teacher, const SpanJob& job) {
  NACRE_TRY(Module module, Module::Lower(job.fragment));
  Placed placed{.module = std::move(module),
                .input = teacher.Slot(job.input),
                .output = teacher.Slot(job.output)};
  if (placed.input < 0 || placed.output < 0) {
    return Fail(ErrorKind::kModel, "the teacher lacks '" + job.input + "' or '" + job.output + "'");
  }
  if (placed.output != teacher.OutputSlot()) {
    NACRE_TRY(placed.suffix, teacher.StepsBetween(placed.output, teacher.OutputSlot()));
  }
  placed.statistics = teacher.CloneStatistics();
  return placed;
}

// Logits with the candidate in place.
at::Tensor Through(Module& teacher, Placed& placed, const Frame& seen, RunMode mode) {
  const at::Tensor span = placed.module.Forward(seen.values[placed.input], mode);
  if (span.sizes() != seen.values[placed.output].sizes()) {
    throw std::runtime_error("the candidate's output has another shape than the span's");
  }
  struct Exchange {  // undone whatever happens in between
    Module& teacher;
    std::vector<at::Tensor>& statistics;
    Exchange(Module& t, std::vector<at::Tensor>& s) : teacher(t), statistics(s) {
      teacher.SwapStatistics(s);
    }
    ~Exchange() { teacher.SwapStatistics(statistics); }
  } exchange(teacher, placed.statistics);
  Frame frame = teacher.NewFrame(mode);
  frame.values[placed.output] = span;
  teacher.Run(frame, placed.suffix);
  return frame.values[teacher.OutputSlot()];
}

void Compare(Placed& placed, const at::Tensor& logits, const at::Tensor& wanted) {
  const at::Tensor own = logits.flatten(1).log_softmax(1),
                   teacher = wanted.flatten(1).log_softmax(1);
  placed.divergence += at::kl_div(own, teacher, at::Reduction::Sum, true).item<double>();
  placed.agreement += own.argmax(1).eq(teacher.argmax(1)).sum().item<double>();
}

}  // namespace

Expected<std::vector<Expected<ReplacementScore>>> ScoreReplacements(
    const Network& teacher, const std::vector<SpanJob>& jobs, const ImageSet& images,
    const Compute& compute) {
  NACRE_CHECK_OK(CheckCompute(compute));
  LowerOptions lower;
  for (const SpanJob& job : jobs) lower.keep.insert({job.input, job.output});
  NACRE_TRY(Module module, Module::Lower(teacher, lower));
  std::vector<Expected<Placed>> all;
  std::vector<int> slots = {module.OutputSlot()};
  for (const SpanJob& job : jobs) {
    all.push_back(Place(module, job));
    if (all.back()) slots.insert(slots.end(), {all.back()->input, all.back()->output});
  }
  return Guarded("scoring", [&]() -> Expected<std::vector<Expected<ReplacementScore>>> {
    const at::NoGradGuard no_grad;
    const TorchThreads torch_threads(compute.threads);
    const Normalizer pixels(images);
    const auto steps = module.StepsTo(slots);
    Crew crew(compute.threads);
    std::vector<Module> teachers(static_cast<size_t>(crew.members()),
                                 module);  // their statistics are exchanged
    for (const bool recalibrating : {true, false}) {
      for (int64_t begin = 0, k = 1; begin < images.count(); begin += kBatch, ++k) {
        Frame seen = module.NewFrame({});
        seen.values[module.InputSlot()] =
            PlainBatch(pixels, begin, std::min(images.count(), begin + kBatch));
        module.Run(seen, steps);
        const RunMode mode{.training = recalibrating,
                           .statistics = recalibrating ? 1.0 / static_cast<double>(k) : -1};
        SideBySide(crew, all.size(), [&](int member, size_t index) {
          const at::NoGradGuard none_here;
          auto& placed = all[index];
          if (!placed) return;
          try {
            const at::Tensor logits =
                Through(teachers[static_cast<size_t>(member)], *placed, seen, mode);
            if (!recalibrating) Compare(*placed, logits, seen.values[module.OutputSlot()]);
          } catch (const std::runtime_error& error) {
            placed = tl::unexpected<Error>(FromException(error, "scoring"));
          }
        });
      }
    }
    std::vector<Expected<ReplacementScore>> scores;
    const auto count = static_cast<double>(std::max<int64_t>(1, images.count()));
    for (const auto& placed : all) {
      scores.push_back(placed.map([&](const Placed& p) {
        return ReplacementScore{p.divergence / count, p.agreement / count};
      }));
    }
    return scores;
  });
}

}  // namespace nacre
