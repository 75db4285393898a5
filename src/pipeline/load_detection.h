// Images with boxes, in the roles of load_images.h.
#pragma once

#include "pipeline/load_images.h"

namespace nacre {

// How a set of boxes is read for such a configuration.
DetectionOptions BoxOptions(const RunConfig& config, const Preprocess& preprocess);

// A set with what a person should know of it, which is said. Errors: those of ReadDetectionSet.
Expected<DetectionSet> ReadBoxes(const std::filesystem::path& path, const DetectionOptions& options,
                                 std::vector<std::string>& notes);

// As LoadImages and LoadAccepting; the boxes are offered to the run's materials.
Expected<LoadedImages> LoadBoxes(RunServices& run, const ImageNeeds& needs);
Expected<Images> LoadAcceptingBoxes(RunServices& run, const ImageNeeds& needs, const Images& train,
                                    std::vector<std::string>& notes);

}  // namespace nacre
