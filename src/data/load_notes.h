// What a person should know about a folder of images that was read. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/image_folder.h"

namespace nacre {

// One sentence each: unreadable files, classes without images, photographs that lie on a side, grey
// images of 16 bits. `options`: those that the folder was read with.
std::vector<std::string> LoadNotes(const std::filesystem::path& folder, const LoadOptions& options,
                                   const LoadReport& report);

}  // namespace nacre
