// Private to task/. Thread-safe.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace nacre::task_internal {

inline double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Logarithms of the softmax of a row, which has at least one number.
inline std::vector<double> LogSoftmax(std::span<const float> row) {
  const double most = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (const float value : row) sum += std::exp(value - most);
  std::vector<double> logs;
  for (const float value : row) logs.push_back(value - most - std::log(sum));
  return logs;
}

// Kullback-Leibler divergence of softmax(others) from softmax(row), in nats.
inline double RowDivergence(std::span<const float> row, std::span<const float> others) {
  const auto p = LogSoftmax(row), q = LogSoftmax(others);
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) sum += std::exp(p[i]) * (p[i] - q[i]);
  return sum;
}

}  // namespace nacre::task_internal
