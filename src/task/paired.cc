#include "task/paired.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

namespace nacre {
namespace {

constexpr double kOneSided95 = 1.6448536269514722;  // 95th percentile of the standard normal

struct Shares {
  double n = 0, both = 0, only_original = 0, only_result = 0, neither = 0;
  double original() const { return both + only_original; }
  double result() const { return both + only_result; }
};

Shares SharesOf(const PairedCounts& counts) {
  const double n = counts.images();
  return {.n = n,
          .both = counts.both / n,
          .only_original = counts.only_original / n,
          .only_result = counts.only_result / n,
          .neither = counts.neither / n};
}

// (estimate - hypothesis) in standard errors; without variance, the sign of the difference.
double InErrors(double difference, double variance) {
  if (difference == 0) return 0;
  return difference / std::sqrt(std::max(variance, 1e-300));
}

// Nam and Blackwelder, equations 3 to 5: the statistic of the hypothesis that result / original is
// `ratio` > 0, with the discordant shares estimated under that hypothesis.
double RatioScore(const Shares& p, double ratio) {
  const double root = std::sqrt(std::pow(p.result() - ratio * ratio * p.original(), 2) +
                                4 * ratio * ratio * p.only_result * p.only_original);
  const double only_result =
      (-p.result() + ratio * ratio * (p.original() + 2 * p.only_result) + root) /
      (2 * ratio * (ratio + 1));
  const double only_original = ratio * only_result - (ratio - 1) * (1 - p.neither);
  const double variance = ratio * (only_result + only_original) / p.n;
  return InErrors(p.result() - ratio * p.original(), variance);
}

// Tango, equations 4 and 5: the statistic of the hypothesis that result - original is `difference`,
// in (-1, 1).
double DifferenceScore(const Shares& p, double difference) {
  const double b =
      -p.only_result - p.only_original + (2 - p.only_result + p.only_original) * difference;
  const double c = -p.only_original * difference * (1 - difference);
  const double only_original = (std::sqrt(std::max(0.0, b * b - 8 * c)) - b) / 4;
  const double variance = (2 * only_original + difference * (1 - difference)) / p.n;
  return InErrors(p.result() - p.original() - difference, variance);
}

// Where `score`, which falls, crosses `level` in [low, high].
double Crossing(const std::function<double(double)>& score, double level, double low, double high) {
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (score(middle) > level ? low : high) = middle;
  }
  return (low + high) / 2;
}

double BinomialShare(int64_t n, int64_t k) {
  const auto trials = static_cast<double>(n), hits = static_cast<double>(k);
  return std::exp(std::lgamma(trials + 1) - std::lgamma(hits + 1) - std::lgamma(trials - hits + 1) -
                  trials * std::log(2.0));
}

}  // namespace

PairedCounts CountPairs(const std::vector<bool>& original, const std::vector<bool>& result,
                        const std::vector<double>& weights) {
  if (original.size() != result.size() || (!weights.empty() && weights.size() != result.size())) {
    throw std::logic_error("only answers for the same images can be paired");
  }
  double squares = 0;
  for (const double weight : weights) squares += weight * weight;
  PairedCounts counts;
  for (size_t i = 0; i < original.size(); ++i) {
    double& cell = original[i] ? (result[i] ? counts.both : counts.only_original)
                               : (result[i] ? counts.only_result : counts.neither);
    cell += weights.empty() ? 1 : weights[i] / squares;
  }
  return counts;
}

Drop RelativeDrop(const PairedCounts& counts) {
  if (counts.both + counts.only_original == 0) return {};
  const Shares p = SharesOf(counts);
  const double ratio = p.result() / p.original();
  const auto score = [&](double hypothesis) { return RatioScore(p, hypothesis); };
  // Above a ratio of n no hypothesis is left: one image is the least that the original is right on.
  const double lower = Crossing(score, kOneSided95, 1e-9, std::max(ratio, 1e-9));
  const double upper = Crossing(score, -kOneSided95, std::max(ratio, 1e-9), p.n + 1);
  return {.value = 1 - ratio, .low = 1 - upper, .high = 1 - lower};
}

Drop DropInPoints(const PairedCounts& counts) {
  if (counts.images() == 0) return {};
  const Shares p = SharesOf(counts);
  const double difference = p.result() - p.original();
  const auto score = [&](double hypothesis) { return DifferenceScore(p, hypothesis); };
  const double lower = Crossing(score, kOneSided95, -1 + 1e-12, difference);
  const double upper = Crossing(score, -kOneSided95, difference, 1 - 1e-12);
  return {.value = -difference, .low = -upper, .high = -lower};
}

double EqualityProbability(const PairedCounts& counts) {
  const int64_t one = std::llround(counts.only_original), other = std::llround(counts.only_result);
  const int64_t discordant = one + other, fewer = std::min(one, other);
  if (discordant == 0) return 1;
  double tail = 0;
  for (int64_t k = 0; k <= fewer; ++k) tail += BinomialShare(discordant, k);
  return std::min(1.0, 2 * tail);
}

}  // namespace nacre
