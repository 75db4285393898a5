#include "cli/inspect.h"
#include "cost/profile.h"
#include "space/rated.h"
#include "space/space.h"

namespace nacre {

std::optional<InspectedReach> InspectReach(const Network& network, const Target& target,
                                           const std::string& fingerprint, double microseconds) {
  const LatencyTable table = ReadTable(fingerprint);
  if (table.entries.empty()) return std::nullopt;
  auto space = BuildSpace(network, {});
  if (!space || !FillUsages(*space, table, target)) return std::nullopt;
  const PricingContext pricing{.target = target,
                               .original = {.latency = microseconds},
                               .overhead = table.overhead,
                               .scale = table.scale};
  const Cheapest cheapest = FindCheapest(*space, pricing);
  // Blocks without a price count as nothing: the table has to be of this network.
  if (cheapest.unpriced > 0) return std::nullopt;
  return InspectedReach{cheapest.gain, ToString(*space, cheapest.architecture)};
}

}  // namespace nacre
