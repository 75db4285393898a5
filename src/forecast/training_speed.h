// How fast networks of a size train here, from those that have trained.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

namespace nacre {

class TrainingSpeed {
 public:
  // Of one network: multiply-accumulates of an image, images a second.
  TrainingSpeed(double macs, double images_per_second) : known_{{macs, images_per_second}} {}

  void Add(double macs, double images_per_second) {
    if (images_per_second > 0) known_.emplace_back(macs, images_per_second);
  }

  // Images a second, from the known network nearest in size; of several as near, the first. A
  // smaller network is faster, but by less than it is smaller.
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
