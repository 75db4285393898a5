// How fast a network of some size trains on this machine, from those that have trained on it.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

namespace nacre {

// Not thread-safe while it is added to.
class TrainingSpeed {
 public:
  // One network that is known: its multiply-accumulates for an image, and its images a second.
  TrainingSpeed(double macs, double images_per_second) : known_{{macs, images_per_second}} {}

  // Another one; a speed of 0 was not measured and adds nothing.
  void Add(double macs, double images_per_second) {
    if (images_per_second > 0) known_.emplace_back(macs, images_per_second);
  }

  // The expected images a second, from the known network that is nearest in size, and of several as
  // near from the first. A smaller network is faster, but by less than it is smaller.
  double Of(double macs) const {
    std::pair<double, double> nearest = known_.front();
    for (const auto& each : known_) {
      if (std::abs(std::log(each.first / macs)) < std::abs(std::log(nearest.first / macs)))
        nearest = each;
    }
    const double larger = nearest.first / macs;
    return nearest.second * (larger > 1 ? std::sqrt(larger) : larger);
  }

 private:
  std::vector<std::pair<double, double>> known_;
};

}  // namespace nacre
