// ImageFolder: <root>/<class>/<image>.{jpg,jpeg,png}, classes in alphabetical order of the folder names.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "dataset/image_set.h"

namespace nacre {

struct LoadReport {
  int64_t loaded = 0;
  std::vector<std::string> broken;  // files that could not be decoded, with the reason
};

struct LoadOptions {
  Preprocess preprocess;
  int64_t expected_classes = 0;     // 0: any
  int64_t least_images = 1;         // fewer is an error
  double most_broken = 0.05;        // a larger share of broken files is an error
  std::function<void(double fraction)> progress;
};

// Decodes everything into memory with all cores. Errors (kData) name the folder or file and the cure.
Expected<ImageSet> LoadImageFolder(const std::filesystem::path& root, const LoadOptions& options, LoadReport* report);

struct Split {
  ImageSet train, validation;
};

// Stratified by class, deterministic in `seed`. `fraction` of each class goes to validation (at least one image).
Split SplitByClass(const ImageSet& set, double fraction, uint64_t seed);

// `count` images, balanced over classes, deterministic in `seed`: the calibration set.
ImageSet Sample(const ImageSet& set, int64_t count, uint64_t seed);

}  // namespace nacre
