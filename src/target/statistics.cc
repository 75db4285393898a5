#include "target/statistics.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace nacre {

double Quantile(std::vector<double> values, double q) {
  if (values.empty()) throw std::logic_error("Quantile: no values");
  const double at = q * static_cast<double>(values.size() - 1);
  const auto low = values.begin() + static_cast<std::ptrdiff_t>(at);
  std::nth_element(values.begin(), low, values.end());
  const double below = *low, part = at - std::floor(at);
  if (part == 0) return below;
  return below + part * (*std::min_element(low + 1, values.end()) - below);
}

double Median(std::vector<double> values) { return Quantile(std::move(values), 0.5); }

Interval MedianInterval(std::vector<double> values) {
  if (values.empty()) throw std::logic_error("MedianInterval: no values");
  std::sort(values.begin(), values.end());
  const double n = static_cast<double>(values.size());
  size_t k = 0;  // counts values cut off on each side
  double tail = 0;
  for (size_t i = 0; i < values.size() / 2; ++i) {
    const double j = static_cast<double>(i);
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(j + 1) - std::lgamma(n - j + 1) -
                     n * std::log(2.0));  // P(Binomial(n, 1/2) = i)
    if (tail > 0.025) break;
    k = i;
  }
  return {values[k], values[values.size() - 1 - k]};
}

}  // namespace nacre
