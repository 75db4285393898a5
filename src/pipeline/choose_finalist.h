// Which network the final training takes next.
#pragma once

#include <cstddef>
#include <optional>

#include "pipeline/history.h"

namespace nacre {

// Epochs of training the network of a trial that fit into `seconds`.
double EpochsIn(const Aim& aim, const TrialRecord& trial, double seconds);

// The best use of `seconds` of training, by what the forecast says: the greatest expected gain
// (logarithm of the speedup) over what the finalists so far are expected to bring. A finalist may
// train on, for `later` seconds in the round to come as well. The first finalist before such a
// round is a safe one, the fastest that probably keeps the limit after `seconds` alone: bolder ones
// inherit its training (decision 37). A network is never taken when another one is as fast and was
// as accurate after no more training. The index of a trial of the history; nothing when nothing can
// be trained.
std::optional<size_t> ChooseFinalist(const Aim& aim, const History& history, double seconds,
                                     double later = 0);

}  // namespace nacre
