// How many images a network gets right: run by the trainer, or compiled as on the target.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"
#include "engine/worker.h"

namespace nacre {

// Kind "reproduce": the float network, run by the trainer. Input: the network.
JobSpec ReproduceSpec(const ArtifactHash& network, const std::string& images);

// Kind "accept": the network compiled by this machine's compiler at a precision, in any batch.
// `fingerprint`: of the machine and the target that it is accepted for.
JobSpec AcceptSpec(const ArtifactHash& network, const std::string& images, Precision precision,
                   const std::string& fingerprint);

// Top-1 with its 95 % interval.
Accuracy ReadAccuracy(const JobResult& result);
// Of kind "accept": for each image, in order, whether the network was right.
std::vector<bool> ReadRight(const JobResult& result);

Expected<JobResult> RunReproduce(const JobSpec& job, const Workplace& place);
Expected<JobResult> RunAccept(const JobSpec& job, const Workplace& place);

}  // namespace nacre
