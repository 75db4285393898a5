// Training of a super-network: all sub-networks at once, with shared weights.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/elastic.h"
#include "train/train.h"

namespace nacre {

struct SuperNetworkOptions {
  // Epochs, batch, rates, loss, seed, deadline, progress, and where it stops and goes on. Neither
  // fake quantisation, nor an average, nor bf16 is for super-networks; the hint has no effect.
  TrainOptions train;
  int random = 1;         // sub-networks drawn for each step, besides the smallest
  int largest_every = 4;  // steps between those that train the largest as well
  // Genes that no sub-network goes beyond, one for each dimension: a stage of progressive shrinking
  // (Once-for-All, arXiv 1908.09791, section 3.3). Empty: all are free.
  std::vector<int> most;
  double until = 1;  // share of the schedule after which it stops, as with train.stop_after
};

// The sandwich rule (BigNAS, arXiv 2003.11142, section 3.1): each step trains the smallest
// sub-network, some random ones and now and then the largest, each against labels and the stored
// answers of the teacher, and moves the shared weights by the mean of their gradients. The result
// is the super-network with its new weights, whose batch-norm statistics are of no sub-network:
// recalibrate what is extracted from it (train/statistics.h). `network` has the weights to begin
// with; `elasticity` may rank the channels by others. `teacher` may be null. Errors and exceptions:
// those of Train, and kModel for a network that has no sub-network.
Expected<TrainResult> TrainSuperNetwork(const Network& network, const Elasticity& elasticity,
                                        const ImageSet& images, const TeacherOutputs* teacher,
                                        const SuperNetworkOptions& options);

// The shared weights by name, as a safetensors file.
std::string WeightsFile(const Network& network);

// Bytes that such a training takes at most, about, besides the images and the teacher's answers.
int64_t SuperNetworkBytes(const Network& network, int64_t batch);

}  // namespace nacre
