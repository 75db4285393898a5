// The rows of an answer, by its form. Private to task/. Thread-safe.
#pragma once

#include <span>
#include <vector>

#include "task/answer_form.h"

namespace nacre::task_internal {

using Row = std::span<const float>;

// Where each part of an answer begins, and how many numbers it has in all, last.
std::vector<size_t> BeginningsOf(const AnswerForm& form);

// Row `row` of a part of one image's answer.
inline Row RowOf(const AnswerForm& form, const std::vector<size_t>& begins, Row answer, size_t part,
                 int64_t row) {
  const auto columns = static_cast<size_t>(form.parts[part].columns);
  return answer.subspan(begins[part] + static_cast<size_t>(row) * columns, columns);
}

// How surely the original sees something in this row of a part that tells, in [0, 1].
double Seen(const AnswerPart& part, Row original);

// At least 1e-8.
double Variance(Row values);

// One image's answer, of all. Throws std::logic_error when both are not [n, numbers of the form].
void CheckAnswers(const AnswerForm& form, const Tensor& original, const Tensor& answers);

}  // namespace nacre::task_internal
