// What lies in an ImageFolder, before anything is decoded.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/expected.h"

namespace nacre {

struct ListedFile {
  std::filesystem::path path;
  int label = 0;
};

struct FolderListing {
  std::vector<std::string> classes;  // sorted
  std::vector<ListedFile> files;     // by class, then by name
};

// Errors (kData): unreadable folder, no class folders, no files in them.
Expected<FolderListing> ListImageFolder(const std::filesystem::path& root);

// The whole file, or the system's reason.
Expected<std::string> ReadWholeFile(const std::filesystem::path& path);

}  // namespace nacre
