#include "cli/inspect.h"
#include "cost/profile.h"
#include "forecast/priors.h"

namespace nacre {

Expected<InspectedElasticity> InspectElasticity(const Network& network, const Target& target) {
  InspectedElasticity inspected;
  NACRE_TRY(const Elasticity elasticity,
            FindElasticity(network, {.multiple = priors::kChannelMultiple.Count()}));
  inspected.dimensions = elasticity.dimensions;
  inspected.log_size = elasticity.LogSize();
  if (elasticity.dimensions.empty()) return inspected;
  NACRE_TRY(const Network smallest, ExtractSubnet(network, elasticity, elasticity.Smallest()));
  NACRE_TRY(inspected.smallest, CostOf(smallest));
  const auto timed = TimesOn(target)({network, smallest});
  if (timed.at(0) && timed.at(1)) inspected.speedup = *timed[0] / *timed[1];
  return inspected;
}

}  // namespace nacre
