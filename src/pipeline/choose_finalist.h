// Which network the final training takes next.
#pragma once

#include "pipeline/context.h"
#include "pipeline/learning_curve.h"

namespace nacre {

// Epochs of training it that fit into `seconds`.
Expected<double> EpochsIn(const Context& context, const Tried& tried, double seconds);

// The best use of `seconds` of training, by what the curve predicts; null when nothing can be trained. While no finalist stands
// to be accepted: the surest, which is the cheapest that stands to reach the wanted accuracy. After that: what is expected to gain
// most over the result in hand, if anything is (decision 10).
Expected<const Tried*> ChooseFinalist(const Context& context, const LearningCurve& curve, double seconds);

}  // namespace nacre
