// The first stage: the original and the images are read, checked against each other, and the
// original's accuracy is reproduced before anything else.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/image_set.h"
#include "engine/job.h"
#include "forecast/forecast.h"
#include "graph/core.h"
#include "graph/network.h"
#include "graph/shapes.h"
#include "pipeline/run_services.h"

namespace nacre {

using Images = std::shared_ptr<const ImageSet>;

struct Ingested {
  Core core;         // of the file, and how to put a rebuilt one back
  Network original;  // the core's network
  ArtifactHash original_hash;
  Network teacher;  // the same function with batch-norm, for training
  ArtifactHash teacher_hash;
  Cost teacher_cost;
  Images train, validation, calibration;
  Preprocess preprocess;          // with the sizes that the network's input gives
  Forecast::Original accuracies;  // of the original
  // Top-1 on unseen images, as Forecast::OnUnseen says: what a finalist needs so that its INT8 is
  // accepted, and what it should be expected to reach, as chance lies between the two.
  double limit = 0, wanted = 0;
  std::vector<std::string> notes;  // for the report

  double teacher_macs() const {
    return static_cast<double>(teacher_cost.macs > 0 ? teacher_cost.macs : 1);
  }
};

// A network with the inputs and outputs of `in.original` as a drop-in for the file.
inline Network DropIn(const Ingested& in, const Network& network) {
  return Embed(in.core, network);
}

// Errors: kModel (the network cannot be read, trained or fed with these images), kData (the images,
// or a stated accuracy that is not reproduced, with the likely cause).
Expected<Ingested> Ingest(RunServices& run);

// "val has no images of 2 classes of the training images: a, b".
std::string MissingClasses(const std::filesystem::path& folder,
                           const std::vector<std::string>& missing);

}  // namespace nacre
