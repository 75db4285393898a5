// Where a final training begins.
#pragma once

#include "pipeline/history.h"
#include "pipeline/network_trainer.h"
#include "space/architectures.h"

namespace nacre {

struct Beginning {
  ArtifactHash network;
  bool inherits = false;  // weights of another finalist
};

// What a beginning is chosen with; all must outlive it.
struct BeginningInputs {
  RunServices& run;
  NetworkTrainer& trainer;
  const ArchitectureSpace& space;
  const History& history;
};

// As the trial left its network; or, where they share blocks, with the weights of the finalist that
// it shares most blocks with, if that means more training and the two fit together (decision 13).
// Networks with macro moves do not inherit. `id`: of the finalist to be.
Expected<Beginning> BeginningOf(const BeginningInputs& inputs, const TrialRecord& trial,
                                const std::string& id);

}  // namespace nacre
