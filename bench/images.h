// The images that benchmarks train on.
#pragma once

#include <cstdint>
#include <string>

#include "bench/must.h"
#include "data/image_folder.h"

namespace nacre {

// An ImageFolder with ImageNet's mean and deviation. Pictures of another size than CIFAR's have
// their centre cut out.
inline ImageSet LoadForBench(const std::string& folder, int64_t side) {
  LoadOptions options;
  options.preprocess = {
      .height = side, .width = side, .mean = {0.485, 0.456, 0.406}, .std = {0.229, 0.224, 0.225}};
  if (side != 32) options.preprocess.resize = ResizeMode::kCrop;
  return Must(LoadImageFolder(folder, options, nullptr));
}

}  // namespace nacre
