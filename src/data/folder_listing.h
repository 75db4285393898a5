// What is in an ImageFolder, before anything is decoded.
// Private to data/. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace nacre::data_internal {

struct FileState {
  int64_t size = 0;      // bytes
  int64_t modified = 0;  // nanoseconds since 1970
};

// Follows links. Nothing when there is no such file.
std::optional<FileState> StatFile(const std::string& path);

// A path as text takes a fifth of the memory: there may be millions.
struct ListedFile {
  std::string path;
  int label = 0;  // index into FolderListing::classes
  int64_t size = 0, modified = 0;
};

struct FolderListing {
  std::vector<std::string> classes;  // sorted
  std::vector<ListedFile> files;     // by class, then by name
  // Links to what is in the folder under another name, or to the folder itself. They are neither
  // classes nor images.
  std::vector<std::string> links;
};

// Errors (kData): unreadable folder, no class folders, no files in them. The message names a
// remedy.
Expected<FolderListing> ListImageFolder(const std::filesystem::path& root);

// All files in the folder and in folders inside it, sorted by path, for images without labels: each
// has label 0 of the one class "unlabelled". Names with a leading dot are left out, and links to
// folders are not followed. Errors (kData): unreadable folder, no files.
Expected<FolderListing> ListFiles(const std::filesystem::path& root);

}  // namespace nacre::data_internal
