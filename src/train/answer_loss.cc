#include "train/answer_loss.h"

#include <ATen/ATen.h>

#include <vector>

namespace nacre::train_internal {
namespace {

at::Tensor OfClasses(const at::Tensor& answers, const at::Tensor& wanted) {
  const at::Tensor teacher = wanted.log_softmax(-1);
  return (teacher.exp() * (teacher - answers.log_softmax(-1))).sum(-1);
}

at::Tensor OfLogits(const at::Tensor& answers, const at::Tensor& wanted) {
  const at::Tensor sure = wanted.sigmoid();
  const at::Tensor own = at::softplus(answers) - sure * answers;
  return (own - (at::softplus(wanted) - sure * wanted)).sum(-1);
}

// Each row of a part, [n, rows, columns].
at::Tensor RowsOf(const at::Tensor& all, const AnswerPart& part, int64_t begin) {
  return all.narrow(1, begin, part.numbers()).view({all.size(0), part.rows, part.columns});
}

// How surely something is seen in each row, [n, rows].
at::Tensor Seen(const AnswerPart& part, const at::Tensor& wanted) {
  if (part.kind == AnswerKind::kClasses) return 1 - wanted.softmax(-1).select(-1, 0);
  return wanted.amax(-1).sigmoid();
}

at::Tensor OfPart(const AnswerForm& form, size_t index, const std::vector<at::Tensor>& answers,
                  const std::vector<at::Tensor>& wanted) {
  const AnswerPart& part = form.parts[index];
  const at::Tensor &a = answers[index], &w = wanted[index];
  if (part.kind == AnswerKind::kNumbers && !part.seen_in) {
    const at::Tensor variance = w.flatten(1).var(1, /*unbiased=*/false).clamp_min(1e-8);
    return (a - w).square().flatten(1).mean(1) / variance;
  }
  at::Tensor rows;  // [n, rows]
  if (part.kind == AnswerKind::kClasses) rows = OfClasses(a, w);
  if (part.kind == AnswerKind::kLogits) rows = OfLogits(a, w);
  if (part.kind == AnswerKind::kNumbers)
    rows = at::smooth_l1_loss(a, w, at::Reduction::None, 1.0).sum(-1);
  at::Tensor seen;
  if (part.seen_in) {
    seen = Seen(form.parts[*part.seen_in], wanted[*part.seen_in]);
    rows = rows * seen;
  } else if (form.Tells(index)) {
    seen = Seen(part, w);
  }
  if (seen.defined()) return rows.sum(1) / seen.sum(1).clamp_min(1);
  const int64_t count = part.kind == AnswerKind::kClasses ? part.rows : part.numbers();
  return rows.sum(1) / static_cast<double>(count);
}

}  // namespace

at::Tensor AnswerDivergence(const AnswerForm& form, const at::Tensor& answers,
                            const at::Tensor& wanted) {
  std::vector<at::Tensor> own, teacher;
  int64_t begin = 0;
  for (const AnswerPart& part : form.parts) {
    own.push_back(RowsOf(answers, part, begin));
    teacher.push_back(RowsOf(wanted, part, begin));
    begin += part.numbers();
  }
  at::Tensor sum = at::zeros({answers.size(0)});
  for (size_t i = 0; i < form.parts.size(); ++i) sum = sum + OfPart(form, i, own, teacher);
  return sum;
}

}  // namespace nacre::train_internal
