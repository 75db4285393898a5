// COCO's form of annotations: one JSON file with "images", "annotations" and "categories"
// (cocodataset.org, Format data, 1. Object detection).
// Private to data/. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "data/annotations.h"

namespace nacre::data_internal {

// Outlines, licences and all else that detection does not need are passed over as they are read, so
// that memory holds only what is kept. Images are in the order of their ids, as pycocotools has
// them; classes too. `file` is named in errors, `folder` holds the images.
Expected<Annotations> ParseCoco(std::string_view json, const std::string& file,
                                const std::filesystem::path& folder);

// `file` is a *.json file. Looks for the folder of the images as ReadAnnotations says.
Expected<Annotations> ReadCoco(const std::filesystem::path& file);

}  // namespace nacre::data_internal
