#include "search/front.h"

#include <algorithm>
#include <utility>

namespace nacre {

std::vector<Evaluated> ParetoFront(std::vector<Evaluated> evaluated) {
  // NaN must go before sorting, too: it has no place in an order.
  std::erase_if(evaluated, [](const Evaluated& each) { return !each.outcome.Succeeded(); });
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
