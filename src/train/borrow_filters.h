// Features of the teacher for a fresh candidate. Private to train/.
#pragma once

#include "train/distill.h"

namespace nacre::train_internal {

// The first convolution of `fragment`, the candidate of the job, takes over filters of the
// teacher's first one there, those whose batch-norm has the largest gain, where kernels and input
// channels are the same: features that were learned are worth more than random ones. What does not
// fit stays as it is, and so does a convolution that has filters of the teacher already.
void BorrowFilters(const Network& teacher, const SpanJob& job, Network& fragment);

}  // namespace nacre::train_internal
