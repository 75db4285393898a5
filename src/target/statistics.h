// Order statistics for timings: they assume nothing about the distribution, and outliers cannot
// move them far. Thread-safe.
#pragma once

#include <vector>

namespace nacre {

// The q-quantile (0..1) by linear interpolation. Throws std::logic_error when empty.
double Quantile(std::vector<double> values, double q);
double Median(std::vector<double> values);

struct Interval {
  double low = 0, high = 0;
};

// At least 95 % interval of the population's median: the order statistics k and n+1-k with the
// largest k such that P(Binomial(n, 1/2) < k) <= 2.5 % (David and Nagaraja, Order Statistics,
// section 7.1). Below 6 values no pair has that coverage; then it is the whole range.
Interval MedianInterval(std::vector<double> values);

}  // namespace nacre
