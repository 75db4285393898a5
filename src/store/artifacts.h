// artifacts/<hash>: files named by what is in them.
#pragma once

#include <filesystem>
#include <string>

#include "base/expected.h"

namespace nacre {

class Artifacts {
 public:
  explicit Artifacts(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // Creates the folder, and removes the temporary files that a killed writer left.
  Expected<void> Prepare();
  bool Has(const std::string& hash) const;
  Expected<std::string> Put(const std::string& bytes);
  Expected<std::string> Get(const std::string& hash) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace nacre
