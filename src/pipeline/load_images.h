// The images of a run in their three roles: networks learn from the training images, everything is
// chosen by the selecting ones, and the accepting ones are judged once, at the end. The original
// must never have seen the last two (docs/method.md, section 6).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/image_set.h"
#include "engine/job.h"
#include "pipeline/run_services.h"

namespace nacre {

using Images = std::shared_ptr<const ImageSet>;

// What the images are for.
struct ImageNeeds {
  Preprocess preprocess;  // with the sizes of the network's input
  int64_t classes = 0;    // of its outputs
  ArtifactHash original;  // whose answers are the labels where the task is agreement
};

struct LoadedImages {
  Images train, selecting;
  std::vector<std::string> notes;  // for the report, said already
};

// The selecting images are those of data.val; without them half of data.test, split by class and
// seed. Errors: kData.
Expected<LoadedImages> LoadImages(RunServices& run, const ImageNeeds& needs);

// All of data.test where there is a data.val, else the half that does not select. `train`: as
// LoadImages gave it. Adds to `notes` what the report should say. Errors: kData.
Expected<Images> LoadAccepting(RunServices& run, const ImageNeeds& needs, const Images& train,
                               std::vector<std::string>& notes);

}  // namespace nacre
