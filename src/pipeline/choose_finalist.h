// Which network the final training takes next.
#pragma once

#include "pipeline/context.h"
#include "pipeline/learning_curve.h"

namespace nacre {

// Epochs of training it that fit into `seconds`.
Expected<double> EpochsIn(const Context& context, const Tried& tried, double seconds);

// The best use of `seconds` of training, by what the curve predicts: the greatest expected gain (logarithm of the speedup) over what the
// finalists so far stand to bring. A finalist may train on. Null when nothing can be trained.
Expected<const Tried*> ChooseFinalist(const Context& context, const LearningCurve& curve, double seconds);

}  // namespace nacre
