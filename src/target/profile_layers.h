// Where the time of a network goes, layer by layer, as the compiler fuses and runs it.
#pragma once

#include <string>
#include <vector>

#include "base/expected.h"
#include "base/units.h"
#include "graph/network.h"
#include "target/target.h"

namespace nacre {

// What the compiler runs as one, and how long that takes.
struct LayerTime {
  std::vector<std::string> names;  // of the nodes of the network that were fused into it
  double microseconds = 0;         // mean of the inferences
};

// On this machine, with the compiler's own clock: the sum is near the latency, but not equal to it,
// as reading the clock takes time. Where the compiler folds batch-norm itself, a convolution runs
// under a name of the compiler's own: fold it before. `time`: for the inferences. Error (kTarget):
// the compiler's message.
Expected<std::vector<LayerTime>> ProfileLayers(Network network, const CompileOptions& options,
                                               Seconds time = Seconds(1));

}  // namespace nacre
