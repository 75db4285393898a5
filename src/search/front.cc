#include <algorithm>

#include "search/search.h"

namespace nacre {

std::string Point::Key() const {
  std::string key;
  for (int gene : genes) {
    if (!key.empty()) key += ',';
    key += std::to_string(gene);
  }
  for (const std::string& move : moves) key.append("|").append(move);
  return key;
}

std::vector<Evaluated> ParetoFront(std::vector<Evaluated> evaluated) {
  std::erase_if(evaluated, [](const Evaluated& e) { return !e.outcome.error.empty(); });
  std::stable_sort(evaluated.begin(), evaluated.end(), [](const Evaluated& a, const Evaluated& b) {
    if (a.outcome.cost != b.outcome.cost) return a.outcome.cost < b.outcome.cost;
    return a.outcome.accuracy > b.outcome.accuracy;
  });
  std::vector<Evaluated> front;
  for (Evaluated& each : evaluated) {
    if (front.empty() || each.outcome.accuracy > front.back().outcome.accuracy) {
      front.push_back(std::move(each));
    }
  }
  return front;
}

}  // namespace nacre
