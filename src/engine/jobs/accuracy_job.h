// How many images a network gets right: run by the trainer, or compiled as on the target.
#pragma once

#include <string>

#include "base/units.h"
#include "engine/worker.h"

namespace nacre {

// Kind "reproduce": the float network, run by the trainer. Input: the network.
JobSpec ReproduceSpec(const ArtifactHash& network, const std::string& images);

// Kind "accept": the network compiled by this machine's compiler at a precision, in any batch.
// `fingerprint`: of the machine and the target that it is accepted for. Artifact: the record of its
// answers, which Task::Compare takes.
JobSpec AcceptSpec(const ArtifactHash& network, const std::string& images, Precision precision,
                   const std::string& fingerprint);

// As the run's task judges, with its 95 % interval.
Accuracy ReadAccuracy(const JobResult& result);

Expected<JobResult> RunReproduce(const JobSpec& job, const Workplace& place);
Expected<JobResult> RunAccept(const JobSpec& job, const Workplace& place);

}  // namespace nacre
