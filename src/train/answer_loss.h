// How far answers are from the teacher's, as something to minimise. Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

#include "task/answer_form.h"

namespace nacre::train_internal {

// The divergence of each image, [n], as task/answer_form.h defines it for a form with parts. Both
// are float [n, numbers].
at::Tensor AnswerDivergence(const AnswerForm& form, const at::Tensor& answers,
                            const at::Tensor& wanted);

}  // namespace nacre::train_internal
