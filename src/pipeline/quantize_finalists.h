// INT8 for every finalist.
#pragma once

#include <vector>

#include "pipeline/history.h"
#include "pipeline/ingest.h"

namespace nacre {

struct QuantizedFinalist {
  Finalist finalist;
  ArtifactHash int8;
};

// In the order of the finalists. `budget`: the part of the run that ends with acceptance.
Expected<std::vector<QuantizedFinalist>> QuantizeFinalists(RunServices& run, const Ingested& in,
                                                           const Budget& budget,
                                                           const std::vector<Finalist>& finalists);

}  // namespace nacre
