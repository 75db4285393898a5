#include "pipeline/sort_front.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "search/front.h"

namespace nacre {
namespace {

class Order {
 public:
  Order(const RunConfig& config, const std::vector<FrontEntry>& front) : config_(config) {
    for (const FrontEntry& entry : front) {
      const double cost = CostOf(entry);
      const auto [at, fresh] = costs_.try_emplace(entry.architecture, cost);
      if (!fresh) at->second = std::min(at->second, cost);
    }
  }

  // The figures of the network that the target runs.
  const ModelFigures& Served(const FrontEntry& entry) const {
    return config_.target.precision == Precision::kInt8 ? entry.int8 : entry.fp32;
  }
  double CostOf(const FrontEntry& entry) const {
    return Of(config_.objective, UsageIn(Served(entry)));
  }

  bool operator()(const FrontEntry& a, const FrontEntry& b) const {
    if (a.meets_limit != b.meets_limit) return a.meets_limit;
    const double cost_a = costs_.at(a.architecture), cost_b = costs_.at(b.architecture);
    if (a.meets_limit && cost_a != cost_b) return cost_a < cost_b;
    return Served(a).accuracy.value > Served(b).accuracy.value;
  }

 private:
  const RunConfig& config_;
  std::map<std::string, double> costs_;  // the least of each architecture
};

}  // namespace

Usage UsageIn(const ModelFigures& figures) {
  return {1e3 * figures.latency.median_ms, static_cast<double>(figures.size_bytes),
          static_cast<double>(figures.memory_bytes)};
}

void SortFront(const RunConfig& config, double limit, std::vector<FrontEntry>& front) {
  const Order order(config, front);
  std::vector<Evaluated> evaluated;
  for (size_t i = 0; i < front.size(); ++i) {
    FrontEntry& entry = front[i];
    const double accuracy = order.Served(entry).accuracy.value;
    const bool within = accuracy >= limit && entry.broken.empty();
    entry.misses_certificate = within && config.verdict == Verdict::kCertified && !entry.certified;
    entry.meets_limit = within && !entry.misses_certificate;
    entry.on_front = false;
    evaluated.push_back({.trial = {.point = {.genes = {static_cast<int>(i)}}},
                         .outcome = {.accuracy = accuracy, .cost = order.CostOf(entry)}});
  }
  for (const Evaluated& each : ParetoFront(evaluated)) {
    front[static_cast<size_t>(each.trial.point.genes[0])].on_front = true;
  }
  std::sort(front.begin(), front.end(), order);
}

}  // namespace nacre
