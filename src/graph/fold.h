// The steps of FoldConstants (simplify.h), in their order.
// Private to graph/.
#pragma once

#include "graph/propagate.h"

namespace nacre::graph_internal {

// Nodes whose results are known become initializers.
void Materialize(Network& network, const Facts& facts);

// Gathers that take every position in order become Reshape.
void RewriteWholeGathers(Network& network, const Facts& facts);

// Reshape, Expand, Split and Resize get constant targets that leave the batch open.
void SettleTargets(Network& network, const Facts& facts);

// Nodes that hold the file's batch (a Reshape to [1, 4420, 2], a constant [1, ...] that is joined
// to data, ...) let any batch through. At the file's own batch nothing changes. What comes behind a
// node that cannot be freed, for it mixes the items of a batch, stays as it is.
void FreeBatch(Network& network);

// Pads that a file leaves to the reader become numbers, where sizes are known.
void MakePadsExplicit(Network& network, const Facts& facts);

// Chains of Max, Min, Relu and Clip with numbers become one Clip.
void FuseClips(Network& network);

// Joins the two sides of nodes that do nothing. Names of the network's inputs and outputs stay.
void BypassNoOperations(Network& network, const Facts& facts);

}  // namespace nacre::graph_internal
