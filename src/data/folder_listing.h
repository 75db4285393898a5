// What is in an ImageFolder, before anything is decoded.
// Private to data/. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/expected.h"

namespace nacre::data_internal {

struct ListedFile {
  std::filesystem::path path;
  int label = 0;  // index into FolderListing::classes
};

struct FolderListing {
  std::vector<std::string> classes;  // sorted
  std::vector<ListedFile> files;     // by class, then by name
};

// Errors (kData): unreadable folder, no class folders, no files in them. The message names a
// remedy.
Expected<FolderListing> ListImageFolder(const std::filesystem::path& root);

// All files in the folder and in folders inside it, sorted by path, for images without labels: each
// has label 0 of the one class "unlabelled". Names with a leading dot are left out, and links to
// folders are not followed. Errors (kData): unreadable folder, no files.
Expected<FolderListing> ListFiles(const std::filesystem::path& root);

// The whole file, or the system's reason (kData), without the file's name.
Expected<std::string> ReadWholeFile(const std::filesystem::path& path);

}  // namespace nacre::data_internal
