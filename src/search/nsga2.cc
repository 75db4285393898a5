#include "search/nsga2.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace nacre {
namespace {

constexpr int kTries = 100;  // children that were asked for before, until one is drawn at random

bool Dominates(const Outcome& one, const Outcome& other) {
  if (one.Succeeded() != other.Succeeded()) return one.Succeeded();
  if (!one.Succeeded()) return false;
  const bool no_worse = one.accuracy >= other.accuracy && one.cost <= other.cost;
  return no_worse && (one.accuracy > other.accuracy || one.cost < other.cost);
}

// Fronts of indices: the first is dominated by none, the next by the first alone, and so on.
std::vector<std::vector<size_t>> SortByDomination(const std::vector<Outcome>& outcomes) {
  std::vector<std::vector<size_t>> below(outcomes.size()), fronts(1);
  std::vector<size_t> above(outcomes.size());
  for (size_t i = 0; i < outcomes.size(); ++i) {
    for (size_t j = 0; j < outcomes.size(); ++j) {
      if (Dominates(outcomes[i], outcomes[j])) below[i].push_back(j);
      if (Dominates(outcomes[j], outcomes[i])) ++above[i];
    }
    if (above[i] == 0) fronts[0].push_back(i);
  }
  while (!fronts.back().empty()) {
    std::vector<size_t> next;
    for (const size_t i : fronts.back()) {
      for (const size_t j : below[i]) {
        if (--above[j] == 0) next.push_back(j);
      }
    }
    fronts.push_back(std::move(next));
  }
  fronts.pop_back();
  return fronts;
}

// Adds the distance between the two neighbours of each along one axis, over the axis's range.
void AddDistances(const std::vector<double>& values, const std::vector<size_t>& front,
                  std::vector<double>& distances) {
  std::vector<size_t> order = front;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  const double range = values[order.back()] - values[order.front()];
  distances[order.front()] = distances[order.back()] = std::numeric_limits<double>::infinity();
  for (size_t k = 1; range > 0 && k + 1 < order.size(); ++k)
    distances[order[k]] += (values[order[k + 1]] - values[order[k - 1]]) / range;
}

std::vector<Outcome> OutcomesOf(const std::vector<Evaluated>& evaluated) {
  std::vector<Outcome> outcomes;
  for (const Evaluated& each : evaluated) outcomes.push_back(each.outcome);
  return outcomes;
}

}  // namespace

std::vector<size_t> CrowdedOrder(const std::vector<Outcome>& outcomes) {
  std::vector<double> accuracies, costs, distances(outcomes.size());
  for (const Outcome& outcome : outcomes) {
    accuracies.push_back(outcome.Succeeded() ? outcome.accuracy : 0);
    costs.push_back(outcome.Succeeded() ? outcome.cost : 0);
  }
  std::vector<size_t> order;
  for (std::vector<size_t>& front : SortByDomination(outcomes)) {
    AddDistances(accuracies, front, distances);
    AddDistances(costs, front, distances);
    std::stable_sort(front.begin(), front.end(),
                     [&](size_t a, size_t b) { return distances[a] > distances[b]; });
    order.insert(order.end(), front.begin(), front.end());
  }
  return order;
}

Nsga2::Nsga2(Nsga2Options options) : options_(std::move(options)), random_(options_.seed) {
  const auto& choices = options_.choices;
  if (choices.empty() || *std::min_element(choices.begin(), choices.end()) < 1)
    throw std::logic_error("Nsga2: every point needs genes, and every gene a value");
}

std::vector<Trial> Nsga2::Ask(size_t most) {
  if (!begun_) Begin();
  if (queue_.empty() && waiting_ == 0 && asked_ < options_.evaluations) NextGeneration();
  std::vector<Trial> trials;
  while (trials.size() < most && !queue_.empty() && asked_ < options_.evaluations) {
    seen_.insert(queue_.front().Key());
    trials.push_back({.point = std::move(queue_.front())});
    queue_.erase(queue_.begin());
    ++asked_;
    ++waiting_;
  }
  return trials;
}

void Nsga2::Tell(const Trial& trial, const Outcome& outcome) {
  evaluated_.push_back({trial, outcome});
  told_.push_back(evaluated_.back());
  --waiting_;
}

void Nsga2::Begin() {
  begun_ = true;
  for (const Point& seed : options_.seeds) {
    if (std::find(queue_.begin(), queue_.end(), seed) == queue_.end()) queue_.push_back(seed);
    seen_.insert(seed.Key());
  }
  const auto wanted = static_cast<size_t>(std::max(2, options_.population));
  if (queue_.size() >= wanted) return;
  for (Point& point : NewPoints(wanted - queue_.size(), [&] { return RandomPoint(); }))
    queue_.push_back(std::move(point));
}

void Nsga2::NextGeneration() {
  population_.insert(population_.end(), told_.begin(), told_.end());
  told_.clear();
  if (population_.empty()) return;
  std::vector<Evaluated> survivors;
  for (const size_t i : CrowdedOrder(OutcomesOf(population_))) {
    if (survivors.size() < static_cast<size_t>(options_.population))
      survivors.push_back(population_[i]);
  }
  population_ = std::move(survivors);
  const std::vector<size_t> order = CrowdedOrder(OutcomesOf(population_));
  const auto wanted =
      static_cast<size_t>(std::min(options_.population, options_.evaluations - asked_));
  queue_ = NewPoints(wanted, [&] { return Child(order); });
}

std::vector<Point> Nsga2::NewPoints(size_t count, const std::function<Point()>& make) {
  std::vector<Point> points;
  std::set<std::string> here;
  for (size_t k = 0; k < count; ++k) {
    for (int attempt = 0; attempt < 2 * kTries; ++attempt) {
      Point point = attempt < kTries ? make() : RandomPoint();
      const std::string key = point.Key();
      if (seen_.count(key) > 0 || !here.insert(key).second) continue;
      points.push_back(std::move(point));
      break;
    }
  }
  return points;
}

Point Nsga2::RandomPoint() {
  Point point;
  for (const int values : options_.choices)
    point.genes.push_back(static_cast<int>(random_.Below(static_cast<uint64_t>(values))));
  return point;
}

Point Nsga2::Child(const std::vector<size_t>& order) {
  const auto parent = [&]() -> const Point& {  // binary tournament: the lower place wins
    const size_t one = random_.Below(order.size()), other = random_.Below(order.size());
    return population_[order[std::min(one, other)]].trial.point;
  };
  Point child = parent();
  const Point& other = parent();
  for (size_t g = 0; g < child.genes.size(); ++g) {
    if (random_.Below(2) == 1) child.genes[g] = other.genes[g];
    if (random_.Below(child.genes.size()) > 0) continue;
    const int moved = child.genes[g] + (random_.Below(2) == 1 ? 1 : -1);
    child.genes[g] = std::clamp(moved, 0, options_.choices[g] - 1);
  }
  return child;
}

}  // namespace nacre
