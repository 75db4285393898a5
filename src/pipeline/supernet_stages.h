// The stages that only the bootstrap method has.
#pragma once

#include <string>
#include <vector>

#include "engine/jobs/subnet_job.h"
#include "engine/jobs/supernet_job.h"
#include "pipeline/baselines.h"
#include "pipeline/history.h"
#include "pipeline/ingest.h"

namespace nacre {

// The super-network as it stands, and all that its sub-networks are made with.
struct Supernet {
  SubnetJob job;  // without genes
  std::shared_ptr<const Elasticity> elasticity;
  Aim aim;
};

// How the time from now to INT8 and acceptance is divided, decided once.
struct SupernetTimes {
  Seconds training{0}, search{0};
  Seconds end{0};  // of the last final training, in seconds that the run will have spent
};
Expected<SupernetTimes> DivideTime(RunServices& run, const Ingested& in, Seconds to_finish);

// For a network that has nothing to lose.
tl::unexpected<Error> NothingIsElastic();

// Error (kModel): nothing is elastic.
Expected<Supernet> PrepareSupernet(RunServices& run, const Ingested& in, const Baselines& baselines,
                                   double macs_per_second);

// A part of the training, in which no sub-network goes beyond some genes.
struct SupernetStage {
  std::vector<int> most;
  double until = 1;  // share of the training
};
// Progressive shrinking (Once-for-All, arXiv 1908.09791, section 3.3): first blocks and kernels,
// then the wider half of the widths, then all; without stages that leave nothing more out.
std::vector<SupernetStage> StagesOf(const Elasticity& elasticity);

// Trains all sub-networks at once, in stages that leave ever more out and in segments, each a job
// of its own, so that a kill loses one segment at most.
Expected<void> TrainSupernet(RunServices& run, const Ingested& in, const StoredAnswers& answers,
                             Seconds time, Supernet& supernet);

// One sub-network for each role, none of them twice: A, the fastest within the limit (or, where
// none is, the most accurate that is faster than the original); B, the most accurate; C, the knee,
// where the front bends most.
struct Role {
  char letter = 'A';
  std::string name;
  size_t trial = 0;  // index into the history's trials
};
std::vector<Role> ChooseRoles(const History& history, const Aim& aim);

// Short trainings of those until `end`; they become the finalists of the history.
Expected<void> FinishSubnets(RunServices& run, const Ingested& in, const StoredAnswers& answers,
                             const Supernet& supernet, Seconds end, History& history);

}  // namespace nacre
