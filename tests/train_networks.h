// A tiny network, the sets that it learns from, and how trained networks are compared.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "testing/bars.h"
#include "train/predict.h"
#include "train/train.h"

namespace nacre {

constexpr int kClasses = kBarClasses;

inline Network Small(uint64_t seed = 1) { return BarNetwork(seed); }

inline const ImageSet& TrainSet() {
  static const ImageSet set = Bars(512, 1);
  return set;
}
inline const ImageSet& TestSet() {
  static const ImageSet set = Bars(256, 2);
  return set;
}

inline TrainOptions Quick() {
  return {.epochs = 8,
          .batch = 64,
          .optimizer = {.learning_rate = 0.1},
          .augmentation = {.flip = true, .shift = 1},
          .seed = 3,
          .compute = {.threads = 1}};
}

inline std::vector<int> Best(const Network& network, const ImageSet& set) {
  const auto logits = Predict(network, set);
  EXPECT_TRUE(logits) << logits.error().message;
  const auto values = logits->floats();
  std::vector<int> best;
  for (int64_t i = 0; i < set.count(); ++i) {
    const auto row = values.begin() + i * kClasses;
    best.push_back(static_cast<int>(std::max_element(row, row + kClasses) - row));
  }
  return best;
}

inline double Agreement(const std::vector<int>& a, const std::vector<int>& b) {
  double same = 0;
  for (size_t i = 0; i < a.size(); ++i) same += a[i] == b[i];
  return same / static_cast<double>(a.size());
}

inline const Network& Teacher() {
  static const Network network = Train(Small(), TrainSet(), nullptr, Quick())->network;
  return network;
}

inline double Difference(const Network& a, const Network& b) {
  double most = 0;
  for (const auto& [name, tensor] : a.initializers) {
    const auto x = tensor.ToFloats(), y = b.initializers.at(name).ToFloats();
    for (size_t i = 0; i < x.size(); ++i)
      most = std::max(most, std::abs(static_cast<double>(x[i]) - y[i]));
  }
  return most;
}

}  // namespace nacre
