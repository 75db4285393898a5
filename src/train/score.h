// How much harm a candidate does when it alone stands in the teacher.
#pragma once

#include <vector>

#include "base/expected.h"
#include "data/image_set.h"
#include "graph/network.h"
#include "task/answer_form.h"
#include "train/compute.h"
#include "train/distill.h"

namespace nacre {

struct ReplacementScore {
  // KL(teacher || teacher with the candidate), nats per image, or what task/answer_form.h has for
  // other answers. At least 0, lower is better.
  double divergence = 0;
  double agreement = 0;  // share of the images with the same top-1 class, in [0, 1]; labelled()
};

// Score of each job's fragment in the intact teacher, after batch-norm statistics in it and behind
// it are recalibrated on the same images (docs/method.md, section 2, step 4). `images` are to be
// held out from distilling. One entry per job, in their order; a job that fails is an Error in its
// place (kModel, or kInternal for an output of another shape). Errors of the whole: kUsage
// (train/compute.h), kModel (the teacher). Not thread-safe.
Expected<std::vector<Expected<ReplacementScore>>> ScoreReplacements(
    const Network& teacher, const std::vector<SpanJob>& jobs, const ImageSet& images,
    const Compute& compute = {}, const AnswerForm& form = {});

}  // namespace nacre
