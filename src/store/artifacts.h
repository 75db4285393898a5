// artifacts/<hash>: files that are named by the hash of their content (base/hash.h, HashBytes).
// Private to store/. Thread-safe: it holds nothing but the folder's name.
#pragma once

#include <filesystem>
#include <string>

#include "base/expected.h"

namespace nacre::store_internal {

class Artifacts {
 public:
  explicit Artifacts(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // Creates the folder, and removes the temporary files that a killed writer left.
  Expected<void> Prepare();
  bool Has(const std::string& hash) const;
  // Writes the bytes unless they are there, and returns their hash. Error (kInternal): the disk.
  Expected<std::string> Put(const std::string& bytes);
  // Errors (kInternal): the text is not a hash, the file is missing, its bytes have another hash.
  Expected<std::string> Get(const std::string& hash) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace nacre::store_internal
