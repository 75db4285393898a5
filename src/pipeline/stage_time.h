// Stages that do as much as their time allows. What was left out is decided once and kept, so that
// a resumed run goes the same way.
#pragma once

#include <functional>
#include <string>

#include "pipeline/run_services.h"

namespace nacre {

// Work in pieces, the most useful ones first.
struct Pieces {
  std::string name;  // of what is decided, with all that it depends on
  size_t all = 0;
  size_t least = 1;  // are done however late it is
  Seconds end{0};    // on the budget's clock: no piece begins that would end much later
};

// Does the pieces in their order, until it is time to end. Returns how many were done; the first
// error of `piece` ends it.
Expected<size_t> DoInTime(RunServices& run, const Pieces& pieces,
                          const std::function<Expected<void>(size_t)>& piece);

// Share of their time that the stages from distillation on have, in (0, 1]: less than 1 when a
// large network or a slow machine has taken more of the first budget than shares::kPriced so far.
// `name` as that of Pieces.
Expected<double> ShareLeft(RunServices& run, const std::string& name);

}  // namespace nacre
