// A procedural image set for the demo and the tests: coloured shapes over textured, cluttered,
// noisy backgrounds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/expected.h"

namespace nacre {

struct RenderOptions {
  int64_t size = 32;    // height and width
  int64_t classes = 8;  // shapes; at most 10
  int64_t train_per_class = 1000;
  int64_t test_per_class = 250;
  uint64_t seed = 1;
};

// Writes <folder>/train and <folder>/test in ImageFolder form (PNG), with all cores. The same
// options give the same bytes on every machine. Each image is a function of seed, class, set and
// number alone, so that a larger set begins with the smaller one. `folder` must be new or empty; it
// appears whole or not at all. Errors: kUsage (options out of range, folder not empty), kData
// (cannot be written).
Expected<void> RenderShapes(const std::filesystem::path& folder, const RenderOptions& options);

}  // namespace nacre
