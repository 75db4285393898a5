// Small networks of convolutions, Relu and Add, computed by hand: what they compute, without torch.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "graph/network.h"

namespace nacre {

// Height and width of all values.
inline constexpr int64_t kPlainSide = 6;

// Stride 1, padding that keeps the size, batch 1; groups and bias as the node has them.
inline std::vector<float> Convolve(const Network& network, const Node& conv,
                                   const std::vector<float>& x) {
  constexpr int64_t side = kPlainSide;
  const Tensor& weight = *network.Initializer(conv.inputs[1]);
  const Tensor* bias = conv.inputs.size() > 2 ? network.Initializer(conv.inputs[2]) : nullptr;
  const int64_t out = weight.shape()[0], in = weight.shape()[1], kernel = weight.shape()[2];
  const int64_t rows = out / conv.Int("group", 1);
  std::vector<float> y;
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t at = 0; at < side * side; ++at) {
      double sum = bias == nullptr ? 0 : bias->floats()[static_cast<size_t>(o)];
      for (int64_t i = 0; i < in * kernel * kernel; ++i) {
        const int64_t row = at / side + i / kernel % kernel - kernel / 2;
        const int64_t column = at % side + i % kernel - kernel / 2;
        if (row < 0 || row >= side || column < 0 || column >= side) continue;
        const int64_t channel = o / rows * in + i / (kernel * kernel);
        sum += weight.floats()[static_cast<size_t>(o * in * kernel * kernel + i)] *
               x[static_cast<size_t>((channel * side + row) * side + column)];
      }
      y.push_back(static_cast<float>(sum));
    }
  }
  return y;
}

inline std::vector<float> RunPlain(const Network& network, const std::vector<float>& x) {
  std::map<std::string, std::vector<float>> values = {{network.inputs[0].name, x}};
  for (const Node& node : network.nodes) {
    std::vector<float> y = values.at(node.inputs[0]);
    if (node.op == "Conv") y = Convolve(network, node, y);
    if (node.op == "Relu")
      for (float& v : y) v = std::max(v, 0.0f);
    if (node.op == "Add") {
      for (size_t i = 0; i < y.size(); ++i) y[i] += values.at(node.inputs[1])[i];
    }
    values[node.outputs[0]] = std::move(y);
  }
  return values.at(network.outputs[0].name);
}

// On a random input without negative numbers, as an activation gives it.
inline void ExpectSameFunction(const Network& a, const Network& b) {
  Random random(9);
  std::vector<float> x(static_cast<size_t>(a.inputs[0].shape[1] * kPlainSide * kPlainSide));
  for (float& v : x) v = static_cast<float>(std::max(0.0, random.Normal()));
  const auto expected = RunPlain(a, x), actual = RunPlain(b, x);
  ASSERT_EQ(expected.size(), actual.size());
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(actual[i], expected[i], 1e-4) << i;
}

}  // namespace nacre
