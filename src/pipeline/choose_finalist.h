// Which network the final training takes next.
#pragma once

#include "pipeline/context.h"

namespace nacre {

// Epochs of training it that fit into `seconds`.
Expected<double> EpochsIn(const Context& context, const Tried& tried, double seconds);

// The best use of `seconds` of training, by what the curve predicts: the greatest expected gain
// (logarithm of the speedup) over what the finalists so far stand to bring. A finalist may train
// on, for `later` seconds in the round to come as well; it may also fail, as that round then has
// what those seconds make of the others (decision 21). Null when nothing can be trained.
Expected<const Tried*> ChooseFinalist(const Context& context, double seconds, double later = 0);

}  // namespace nacre
