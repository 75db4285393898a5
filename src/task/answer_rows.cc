#include "task/answer_rows.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "task/log_softmax.h"

namespace nacre::task_internal {

std::vector<size_t> BeginningsOf(const AnswerForm& form) {
  std::vector<size_t> begins = {0};
  for (const AnswerPart& part : form.parts)
    begins.push_back(begins.back() + static_cast<size_t>(part.numbers()));
  return begins;
}

double Seen(const AnswerPart& part, Row original) {
  if (part.kind == AnswerKind::kClasses) return 1 - std::exp(LogSoftmax(original)[0]);
  return Sigmoid(*std::max_element(original.begin(), original.end()));
}

double Variance(Row values) {
  double mean = 0, squares = 0;
  for (const float value : values) mean += value;
  mean /= static_cast<double>(values.size());
  for (const float value : values) squares += (value - mean) * (value - mean);
  return std::max(1e-8, squares / static_cast<double>(values.size()));
}

void CheckAnswers(const AnswerForm& form, const Tensor& original, const Tensor& answers) {
  const bool fits = original.shape() == answers.shape() && original.shape().size() == 2 &&
                    original.shape()[1] == static_cast<int64_t>(BeginningsOf(form).back());
  if (!fits) throw std::logic_error("only answers of one form, to the same images, are compared");
}

}  // namespace nacre::task_internal
