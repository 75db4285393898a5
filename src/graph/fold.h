// Internal to graph/: the steps of FoldConstants, in their order.
#pragma once

#include <optional>
#include <string>

#include "graph/propagate.h"

namespace nacre {

// What is known of a value's numbers, whether it is an initializer or computed; nothing when
// nothing is.
std::optional<Content> KnownContent(const Network& network, const Facts& facts,
                                    const std::string& value);

// Nodes whose results are known become initializers.
void Materialize(Network& network, const Facts& facts);

// Reshape, Expand, Split and Resize get constant targets that leave the batch open.
void SettleTargets(Network& network, const Facts& facts);

// Joins the two sides of nodes that do nothing. Names of the network's inputs and outputs stay.
void BypassNoOperations(Network& network, const Facts& facts);

}  // namespace nacre
