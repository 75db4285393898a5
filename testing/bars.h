// A synthetic image set that tiny networks learn in seconds, and such a network.
#pragma once

#include <string>

#include "data/image_set.h"
#include "graph/builder.h"

namespace nacre {

constexpr int kBarClasses = 4;

// Noise with a bright bar, whose direction and colour are the class. Flipping keeps the class.
inline ImageSet Bars(int64_t count, uint64_t seed, int brightness = 150) {
  ImageSet set;
  set.channels = 3;
  set.preprocess = {.height = 8, .width = 8, .mean = {0.4, 0.4, 0.4}, .std = {0.25, 0.25, 0.25}};
  Random random(seed);
  std::vector<uint8_t> pixels;
  for (int64_t i = 0; i < count; ++i) {
    const int label = static_cast<int>(random.Below(kBarClasses));
    const auto place = static_cast<int64_t>(2 + random.Below(4));
    for (int c = 0; c < 3; ++c) {
      for (int64_t y = 0; y < 8; ++y) {
        for (int64_t x = 0; x < 8; ++x) {
          const bool bar = (label % 2 ? x : y) == place && c == label / 2;
          pixels.push_back(static_cast<uint8_t>(random.Below(100) +
                                                static_cast<uint64_t>(bar ? brightness : 0)));
        }
      }
    }
    set.labels.push_back(label);
  }
  set.classes = {"a", "b", "c", "d"};
  set.source = InMemory(std::move(pixels), set.image_bytes());
  return set;
}

// Convolutions of 8 and 16 channels, with a residual block.
inline Network BarNetwork(uint64_t seed = 1) {
  NetworkBuilder builder("small", "image", {kDynamic, 3, 8, 8}, Random(seed));
  std::string x = builder.ConvBn("image", {.out = 8});
  const std::string inner =
      builder.BatchNorm(builder.Conv(builder.ConvBn(x, {.out = 8}), {.out = 8}));
  x = builder.Activation(builder.Add(inner, x), "Relu");
  x = builder.ConvBn(x, {.out = 16, .stride = 2});
  const std::string logits =
      builder.Linear(builder.Flatten(builder.GlobalAveragePool(x)), kBarClasses);
  return std::move(builder).Finish(logits, "logits");
}

}  // namespace nacre
