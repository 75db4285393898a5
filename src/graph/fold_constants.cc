#include "graph/fold.h"
#include "graph/simplify.h"

namespace nacre {

using namespace graph_internal;

namespace {

constexpr int64_t kMaxFolded = int64_t{1} << 24;  // elements of a folded initializer

}  // namespace

Expected<Network> FoldConstants(const Network& network) {
  NACRE_CHECK_OK(Verify(network));
  PropagateOptions options;
  options.max_elements = kMaxFolded;
  NACRE_TRY(const Facts facts, Propagate(network, options));
  Network folded = network;
  Materialize(folded, facts);
  RewriteWholeGathers(folded, facts);
  SettleTargets(folded, facts);
  MakePadsExplicit(folded, facts);
  BypassNoOperations(folded, facts);
  FuseClips(folded);
  RemoveDead(folded);
  FreeBatch(folded);
  RemoveDead(folded);
  NACRE_CHECK_OK(Verify(folded));
  // Folding shows more of what nodes read, and what does not fit that would be refused by whoever
  // reads the network next.
  NACRE_CHECK_OK(Propagate(folded, options));
  return folded;
}

}  // namespace nacre
