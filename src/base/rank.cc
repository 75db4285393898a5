#include "base/rank.h"

#include <cmath>
#include <stdexcept>

namespace nacre {
namespace {

int Sign(double x) { return (x > 0) - (x < 0); }

}  // namespace

double KendallTau(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) throw std::logic_error("Kendall's tau of lists of different length");
  double agreement = 0, pairs_a = 0, pairs_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = i + 1; j < a.size(); ++j) {
      const int in_a = Sign(a[i] - a[j]), in_b = Sign(b[i] - b[j]);
      agreement += in_a * in_b;
      pairs_a += in_a != 0;
      pairs_b += in_b != 0;
    }
  }
  if (pairs_a == 0 || pairs_b == 0) return 0;
  return agreement / std::sqrt(pairs_a * pairs_b);
}

}  // namespace nacre
