// INT8 for the networks of a run.
#pragma once

#include <functional>
#include <string>

#include "pipeline/context.h"
#include "quantize/int8.h"

namespace nacre {

// By the run's images, machine and target; `reference` is left to the caller.
Int8Settings Int8SettingsOf(const Context& context);

// For the final training of `id` (Training::ends_with_bits): the target's bits of weights when
// post-training INT8 costs the network more accuracy on the validation images than training it away
// is worth, else 0. Null when the target takes floats.
std::function<Expected<int>(const Network&)> EndsWithBits(const Context& context,
                                                          const std::string& id);

}  // namespace nacre
