#include "task/metric.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "task/accuracy.h"

namespace nacre {
namespace {

class AmongTop : public Metric {
 public:
  AmongTop(int k, std::string name, std::string title)
      : k_(k), name_(std::move(name)), title_(std::move(title)) {}

  std::string name() const override { return name_; }
  std::string title() const override { return title_; }
  std::vector<bool> Right(const Tensor& logits, const std::vector<int>& labels) const override {
    return RightTopK(logits, labels, k_);
  }

 private:
  const int k_;
  const std::string name_, title_;
};

class Balanced final : public AmongTop {
 public:
  Balanced() : AmongTop(1, "balanced", "balanced") {}

  std::vector<double> Weights(const std::vector<int>& labels) const override {
    std::map<int, double> images;  // of each class
    for (const int label : labels) images[label] += 1;
    std::vector<double> weights;
    for (const int label : labels)
      weights.push_back(1 / (static_cast<double>(images.size()) * images.at(label)));
    return weights;
  }
};

const std::array<const Metric*, 3>& All() {
  static const AmongTop top_one(1, "top1", "top-1"), top_five(5, "top5", "top-5");
  static const Balanced balanced;
  static const std::array<const Metric*, 3> all = {&top_one, &top_five, &balanced};
  return all;
}

}  // namespace

Accuracy Metric::Measure(const std::vector<bool>& right, const std::vector<int>& labels) const {
  const std::vector<double> weights = Weights(labels);
  const auto images = static_cast<int64_t>(right.size());
  if (weights.empty() || images == 0)
    return WilsonAccuracy(std::count(right.begin(), right.end(), true), images);
  double share = 0, squares = 0;
  for (size_t i = 0; i < right.size(); ++i) {
    share += right[i] ? weights[i] : 0;
    squares += weights[i] * weights[i];
  }
  Accuracy accuracy = WilsonInterval(std::min(share, 1.0), 1 / squares);
  accuracy.images = images;
  return accuracy;
}

const Metric& TopOneMetric() { return *All()[0]; }

const Metric* FindMetric(const std::string& name) {
  for (const Metric* metric : All()) {
    if (metric->name() == name) return metric;
  }
  return nullptr;
}

std::vector<std::string> MetricNames() {
  std::vector<std::string> names;
  for (const Metric* metric : All()) names.push_back(metric->name());
  return names;
}

}  // namespace nacre
