// How far a training had come when it was stored. Private to train/.
#pragma once

#include <cstdint>
#include <string>

#include "base/expected.h"
#include "train/safetensors.h"

namespace nacre::train_internal {

struct Position {
  int64_t step = 0;     // taken
  double fraction = 0;  // of the schedule that is done
  double loss = 0;      // mean over the last epoch
};

void SavePosition(const Position& position, SafeTensors& state);
// The oldest states have no fraction: it follows from the step and `steps`, those in all. Error
// (kData) names what the state lacks.
Expected<Position> ReadPosition(const SafeTensors& state, int64_t steps);

}  // namespace nacre::train_internal
