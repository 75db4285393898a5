// The tuned numbers of nacre that are an expectation or a preference, each with its meaning, its
// source and the data that it was fitted to. How a run's budget is divided is in engine/shares.h.
// Numbers that only set how hard an exact result is worked for (bisections, repetitions) are where
// they are used. None of them is a law: nearly all were fitted to two networks of one family on one
// data set.
#pragma once

#include <span>

#include "forecast/priors/accuracy.h"
#include "forecast/priors/cost.h"
#include "forecast/priors/search.h"
#include "forecast/priors/space.h"
#include "forecast/priors/training.h"

namespace nacre::priors {

// Every number once, in the order of the headers above.
std::span<const Number* const> All();

}  // namespace nacre::priors
