// The first stage: the original and the images are read, checked against each other, and the
// original's accuracy is reproduced before anything else.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"
#include "engine/job.h"
#include "graph/core.h"
#include "graph/network.h"
#include "graph/shapes.h"
#include "pipeline/load_images.h"

namespace nacre {

struct Ingested {
  Core core;         // of the file, and how to put a rebuilt one back
  Network original;  // the core's network
  ArtifactHash original_hash;
  Network teacher;  // the same function with batch-norm, for training
  ArtifactHash teacher_hash;
  Cost teacher_cost;
  Images train, selecting, calibration;
  int64_t answer_numbers = 0;  // of an image
  Preprocess preprocess;       // with the sizes that the network's input gives
  Accuracy accuracy;           // of the original on the selecting images: the reference
  // On those: what a finalist needs so that its INT8 is accepted, and what it should be
  // expected to reach, as chance lies between selecting and accepting images.
  double limit = 0, wanted = 0;
  std::vector<std::string> notes;  // for the report

  double teacher_macs() const {
    return static_cast<double>(teacher_cost.macs > 0 ? teacher_cost.macs : 1);
  }
};

inline ImageNeeds NeedsOf(const Ingested& in) {
  return {in.preprocess, in.core.classes, in.original_hash};
}

// A network with the inputs and outputs of `in.original` as a drop-in for the file.
inline Network DropIn(const Ingested& in, const Network& network) {
  return Embed(in.core, network);
}

// Errors: kModel (the network cannot be read, trained or fed with these images), kData (the images,
// or a stated accuracy that the original does not have on the selecting ones, with the likely
// cause).
Expected<Ingested> Ingest(RunServices& run);

}  // namespace nacre
