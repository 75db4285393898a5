// A network in the store of the run, with what is asked of it again and again, computed once.
#pragma once

#include "base/expected.h"
#include "cost/usage.h"
#include "engine/materials.h"
#include "graph/shapes.h"
#include "target/target.h"

namespace nacre {

struct StoredModel {
  ArtifactHash hash;  // of the ONNX file; Materials::GetNetwork loads it
  Cost cost;          // multiply-accumulates of one image, parameters
  Usage usage;        // at the target's precision and batch; the latency is the caller's to measure

  double macs() const { return static_cast<double>(cost.macs > 0 ? cost.macs : 1); }
};

// Puts the network into the store. Error (kModel): its shapes do not fit.
Expected<StoredModel> StoreModel(Materials& materials, const Network& network,
                                 const Target& target);

}  // namespace nacre
