#include "pipeline/certify.h"

#include <algorithm>
#include <functional>

#include "pipeline/sort_front.h"

namespace nacre {

void Certify(const RunConfig& config, std::vector<FrontEntry>& front) {
  const bool int8 = config.target.precision == Precision::kInt8;
  const auto cost = [&](const FrontEntry& entry) {
    return Of(config.objective, UsageIn(int8 ? entry.int8 : entry.fp32));
  };
  std::vector<std::reference_wrapper<FrontEntry>> safest_first(front.begin(), front.end());
  std::stable_sort(safest_first.begin(), safest_first.end(),
                   [&](const FrontEntry& a, const FrontEntry& b) { return cost(a) > cost(b); });
  bool holds = true;
  for (FrontEntry& entry : safest_first) {
    holds = holds && entry.drop && entry.drop->high <= config.max_drop.value;
    entry.certified = holds;
  }
}

}  // namespace nacre
