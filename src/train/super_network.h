// Training of a super-network: all sub-networks at once, with shared weights.
#pragma once

#include <cstdint>

#include "graph/elastic.h"
#include "train/train.h"

namespace nacre {

struct SuperNetworkOptions {
  // Epochs, batch, rates, loss, seed, deadline, progress. Neither fake quantisation, nor an
  // average, nor bf16, nor stopping in the middle is for super-networks; the hint has no effect.
  TrainOptions train;
  int random = 1;         // sub-networks drawn for each step, besides the smallest
  int largest_every = 4;  // steps between those that train the largest as well
};

// The sandwich rule (BigNAS, arXiv 2003.11142, section 3.1): each step trains the smallest
// sub-network, some random ones and now and then the largest, each against labels and the stored
// answers of the teacher, and moves the shared weights by the mean of their gradients. The result
// is the super-network with its new weights, whose batch-norm statistics are of no sub-network:
// recalibrate what is extracted from it (train/statistics.h). `teacher` may be null. Errors and
// exceptions: those of Train, and kModel for a network that has no sub-network.
Expected<TrainResult> TrainSuperNetwork(const Network& network, const Elasticity& elasticity,
                                        const ImageSet& images, const TeacherOutputs* teacher,
                                        const SuperNetworkOptions& options);

}  // namespace nacre
