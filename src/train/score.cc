#include "train/score.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <stdexcept>

#include "train/answer_loss.h"
#include "train/batch.h"
#include "train/guarded.h"
#include "train/memory.h"
#include "train/module.h"
#include "train/side_by_side.h"

namespace nacre {

using namespace train_internal;

namespace {

constexpr int64_t kBatch = 256;

// One candidate in the intact teacher: its own weights, and its own copy of the batch-norm
// statistics behind it.
struct Replacement {
  Module module;
  int input = -1, output = -1;           // slots of the teacher
  std::vector<size_t> suffix;            // the teacher's operations behind the span
  std::vector<at::Tensor> statistics;    // of the whole teacher
  double divergence = 0, agreement = 0;  // sums over the images
};

Expected<Replacement> MakeReplacement(const Module& teacher, const SpanJob& job) {
  NACRE_TRY(Module module, Module::Lower(job.fragment));
  Replacement replacement{.module = std::move(module),
                          .input = teacher.Slot(job.input),
                          .output = teacher.Slot(job.output)};
  if (replacement.input < 0 || replacement.output < 0) {
    return Fail(ErrorKind::kModel, "the teacher lacks '" + job.input + "' or '" + job.output + "'");
  }
  if (replacement.output != teacher.OutputSlot()) {
    NACRE_TRY(replacement.suffix,
              teacher.OperationsBetween(replacement.output, teacher.OutputSlot()));
  }
  replacement.statistics = teacher.CloneStatistics();
  return replacement;
}

// Exchanges the teacher's statistics, and puts them back whatever happens in between.
class BorrowedStatistics {
 public:
  BorrowedStatistics(Module& teacher, std::vector<at::Tensor>& statistics)
      : teacher_(teacher), statistics_(statistics) {
    teacher_.SwapStatistics(statistics_);
  }
  ~BorrowedStatistics() { teacher_.SwapStatistics(statistics_); }
  BorrowedStatistics(const BorrowedStatistics&) = delete;
  BorrowedStatistics& operator=(const BorrowedStatistics&) = delete;

 private:
  Module& teacher_;
  std::vector<at::Tensor>& statistics_;
};

// Logits with the candidate in place. `intact` holds what the teacher's values are without it.
at::Tensor LogitsWith(Replacement& replacement, Module& teacher, const Frame& intact,
                      RunMode mode) {
  const at::Tensor span = replacement.module.Forward(intact.values[replacement.input], mode);
  if (span.sizes() != intact.values[replacement.output].sizes())
    throw std::runtime_error("the candidate's output has another shape than the span's");
  const BorrowedStatistics borrowed(teacher, replacement.statistics);
  Frame frame = teacher.NewFrame(mode);
  frame.values[replacement.output] = span;
  teacher.Run(frame, replacement.suffix);
  return frame.values[teacher.OutputSlot()];
}

void AddComparison(Replacement& replacement, const at::Tensor& logits, const at::Tensor& wanted,
                   const AnswerForm& form) {
  if (!form.labelled()) {
    replacement.divergence += AnswerDivergence(form, logits, wanted).sum().item<double>();
    return;
  }
  const at::Tensor own = logits.flatten(1).log_softmax(1);
  const at::Tensor teacher = wanted.flatten(1).log_softmax(1);
  replacement.divergence += at::kl_div(own, teacher, at::Reduction::Sum, true).item<double>();
  replacement.agreement += own.argmax(1).eq(teacher.argmax(1)).sum().item<double>();
}

class Scorer {
 public:
  // `network`: the teacher.
  Scorer(const Network& network, Module teacher, const std::vector<SpanJob>& jobs,
         const ImageSet& images, int threads, const AnswerForm& form)
      : teacher_(std::move(teacher)),
        images_(images),
        form_(form),
        crew_(threads),
        copies_(static_cast<size_t>(crew_.members()), teacher_) {
    std::vector<int> slots = {teacher_.OutputSlot()};
    for (const SpanJob& job : jobs) {
      replacements_.push_back(MakeReplacement(teacher_, job));
      const auto& replacement = replacements_.back();
      if (replacement) slots.insert(slots.end(), {replacement->input, replacement->output});
    }
    operations_ = teacher_.OperationsTo(slots);
    batch_ = BatchToRunBeside(network, ValuesOf(jobs), threads, kBatch);
  }

  // Every batch updates the statistics of the candidates and of what is behind them.
  void Recalibrate() {
    int64_t batches = 0;
    VisitBatches(images_, batch_, [&](const at::Tensor& input) {
      ++batches;
      const double weight = 1.0 / static_cast<double>(batches);
      Visit(input, {.training = true, .statistics = weight});
    });
  }

  void Compare() {
    VisitBatches(images_, batch_, [&](const at::Tensor& input) { Visit(input, {}); });
  }

  std::vector<Expected<ReplacementScore>> Scores() const {
    std::vector<Expected<ReplacementScore>> scores;
    const auto count = static_cast<double>(std::max<int64_t>(1, images_.count()));
    for (const auto& replacement : replacements_) {
      scores.push_back(replacement.map([&](const Replacement& each) {
        return ReplacementScore{each.divergence / count, each.agreement / count};
      }));
    }
    return scores;
  }

 private:
  // Runs the teacher once, and every candidate in it; a candidate that fails becomes an Error in
  // its place and is left out from then on.
  void Visit(const at::Tensor& input, RunMode mode) {
    Frame intact = teacher_.NewFrame({});
    intact.values[teacher_.InputSlot()] = input;
    teacher_.Run(intact, operations_);
    SideBySide(crew_, replacements_.size(), [&](int member, size_t index) {
      const at::NoGradGuard no_grad;  // holds for one thread
      auto& replacement = replacements_[index];
      if (!replacement) return;
      try {
        const at::Tensor logits =
            LogitsWith(*replacement, copies_[static_cast<size_t>(member)], intact, mode);
        if (!mode.training)
          AddComparison(*replacement, logits, intact.values[teacher_.OutputSlot()], form_);
      } catch (const std::runtime_error& error) {
        replacement = tl::unexpected<Error>(FromException(error, "scoring"));
      }
    });
  }

  Module teacher_;
  const ImageSet& images_;
  const AnswerForm& form_;
  Crew crew_;
  std::vector<Module> copies_;  // of the teacher, one per member: their statistics are exchanged
  std::vector<Expected<Replacement>> replacements_;
  std::vector<size_t> operations_;  // of the teacher, as far as spans and logits need them
  int64_t batch_ = kBatch;
};

}  // namespace

Expected<std::vector<Expected<ReplacementScore>>> ScoreReplacements(
    const Network& original, const std::vector<SpanJob>& jobs, const ImageSet& images,
    const Compute& compute, const AnswerForm& form) {
  NACRE_CHECK_OK(CheckCompute(compute));
  const Network teacher = JoinAnswers(original, form);
  LowerOptions lower;
  for (const SpanJob& job : jobs) lower.keep.insert({job.input, job.output});
  NACRE_TRY(Module module, Module::Lower(teacher, lower));
  return Guarded("scoring", [&]() -> Expected<std::vector<Expected<ReplacementScore>>> {
    const at::NoGradGuard no_grad;
    const TorchThreads threads(compute.threads);
    Scorer scorer(teacher, std::move(module), jobs, images, compute.threads, form);
    scorer.Recalibrate();
    scorer.Compare();
    return scorer.Scores();
  });
}

}  // namespace nacre
