// How many images at once a pass through a network can take within a stated memory.
// Private to train/.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "graph/network.h"
#include "train/distill.h"

namespace nacre::train_internal {

// Bytes that the values of one batch may take. The networks of CIFAR-10 stay below all of them with
// their usual batches, so that only larger images change them. Guesses, for machines of 4 GiB.
inline constexpr int64_t kMostRunBytes = int64_t{1} << 28;     // a network alone
inline constexpr int64_t kMostBesideBytes = int64_t{1} << 29;  // with values that are kept
inline constexpr int64_t kMostTrainBytes = int64_t{1} << 30;   // with all that gradients need

// From 1 to `wanted`, `wanted` where shapes cannot be inferred. A value lives from its producer to
// its last reader.
int64_t BatchToRun(const Network& network, int64_t wanted);
// The same while `kept` stay to the end, and `users` passes through parts of the network, with all
// their values, go on beside it.
int64_t BatchToRunBeside(const Network& network, std::span<const std::string> kept, int users,
                         int64_t wanted);
// Inputs and outputs of the spans, each once.
std::vector<std::string> ValuesOf(std::span<const SpanJob> jobs);
// All values are kept.
int64_t BatchToTrain(const Network& network, int64_t wanted);
// What the values of so many images, or of as many as are taken at once, need.
int64_t BytesToTrain(const Network& network, int64_t wanted);

}  // namespace nacre::train_internal
