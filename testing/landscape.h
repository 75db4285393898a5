// A synthetic search landscape with a known optimum: no torch, no OpenVINO, microseconds an
// evaluation.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "search/search_space.h"

namespace nacre {

// `slots` positions with `options` choices each. Choice 0 keeps the original: slow, harmless. The
// accuracy after training falls with the sum of harms and with the harm of neighbouring changes;
// the shorter the training (rung), the larger and noisier the fall.
class Landscape : public SearchSpace {
 public:
  Landscape(int slots, int options, uint64_t seed)
      : slots_(slots), options_(options), random_(seed) {
    for (int i = 0; i < slots * options; ++i) {
      const bool keep = i % options == 0;
      latency_.push_back(keep ? 100 : 15 + 80 * random_.Uniform());
      harm_.push_back(keep ? 0 : 0.012 * random_.Uniform() * (115 - latency_.back()) / 60);
    }
  }

  double Latency(const Point& point) const {
    double sum = 0;
    for (int s = 0; s < slots_; ++s) sum += latency_[Index(s, point.genes[s])];
    return sum;
  }
  double Harm(const Point& point) const {
    double sum = 0;
    for (int s = 0; s < slots_; ++s) {
      sum += harm_[Index(s, point.genes[s])];
      if (s > 0 && point.genes[s] && point.genes[s - 1]) sum += 0.002;
    }
    return sum;
  }
  double Final(const Point& point) const { return 0.9 - Harm(point); }

  // An epoch a rung.
  Outcome Evaluate(const Trial& trial) const {
    const double noise = Random(0).Fork(trial.point.Key()).Normal() * 0.004 / (1 + trial.rung);
    return {0.9 - Inflated(trial.rung) * Harm(trial.point) + noise, Latency(trial.point),
            static_cast<double>(trial.rung)};
  }
  static double Trained(const Outcome& outcome) {
    return 0.9 - (0.9 - outcome.accuracy) / Inflated(static_cast<int>(outcome.epochs));
  }

  // By trying everything: the fastest point whose final accuracy is at least `wanted`.
  double BestLatency(double wanted) const {
    double best = std::numeric_limits<double>::infinity();
    Point point{std::vector<int>(slots_, 0), {}};
    for (;;) {
      if (Final(point) >= wanted) best = std::min(best, Latency(point));
      int s = 0;
      while (s < slots_ && ++point.genes[s] == options_) point.genes[s++] = 0;
      if (s == slots_) return best;
    }
  }

  // The same choice in all positions.
  std::vector<Point> Roots() const override {
    std::vector<Point> roots;
    for (int o = 0; o < options_; ++o) roots.push_back({std::vector<int>(slots_, o), {}});
    return roots;
  }
  // Another choice in one position.
  std::vector<Point> Neighbours(const Point& point) const override {
    std::vector<Point> all;
    for (int s = 0; s < slots_; ++s) {
      for (int o = 0; o < options_; ++o) {
        if (o == point.genes[s]) continue;
        all.push_back(point);
        all.back().genes[s] = o;
      }
    }
    return all;
  }
  // The choices of one, and in some of the positions where they differ those of the other.
  std::optional<Point> Cross(const Point& one, const Point& other, Random& random) const override {
    std::vector<int> differing;
    for (int s = 0; s < slots_; ++s) {
      if (one.genes[s] != other.genes[s]) differing.push_back(s);
    }
    if (differing.size() < 2) return std::nullopt;
    random.Shuffle(differing);
    differing.resize(1 + random.Below(differing.size() - 1));
    Point child = one;
    for (int s : differing) child.genes[s] = other.genes[s];
    return child;
  }
  std::optional<double> Cost(const Point& point) const override { return Latency(point); }
  std::vector<double> Features(const Point& point) const override {
    double sum = 0;
    double changed = 0;
    for (int s = 0; s < slots_; ++s) {
      sum += harm_[Index(s, point.genes[s])];
      changed += point.genes[s] != 0;
    }
    return {sum, changed, std::log(Latency(point))};
  }

 private:
  static double Inflated(int rung) { return 6 / std::exp2(std::min(rung, 2)); }
  size_t Index(int slot, int choice) const { return static_cast<size_t>(slot * options_ + choice); }
  int slots_, options_;
  Random random_;
  std::vector<double> latency_, harm_;
};

}  // namespace nacre
