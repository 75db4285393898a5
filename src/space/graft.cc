#include <algorithm>

#include "space/space.h"

namespace nacre {
namespace {

// The blocks from the first to the last as a network; a tail has several outputs.
Network PartOf(const Network& network, const Block& first, const Block& last) {
  return last.kind == "tail" ? ExtractTail(network, first.input)
                             : Extract(network, first.input, last.output);
}

// Adds the initializers of one span for which two networks have the same fragment: the name in `to`
// -> the name in `from`.
void AddNames(const Network& from, const Network& to, const Block& first, const Block& last,
              std::map<std::string, std::string>& names) {
  const Network a = PartOf(from, first, last), b = PartOf(to, first, last);
  if (a.nodes.size() != b.nodes.size()) return;
  for (size_t i = 0; i < a.nodes.size(); ++i) {
    const auto& old = a.nodes[i].inputs;
    const auto& now = b.nodes[i].inputs;
    if (a.nodes[i].op != b.nodes[i].op || old.size() != now.size()) return;
    for (size_t k = 0; k < now.size(); ++k) {
      if (b.initializers.count(now[k])) names[now[k]] = old[k];
    }
  }
}

}  // namespace

Network Graft(const Space& space, const Architecture& from, const Network& trained,
              const Architecture& to, Network network) {
  const Network before = Assemble(space, from), after = Assemble(space, to);
  std::map<std::string, std::string> names;
  for (int pick : to.picks) {
    if (std::find(from.picks.begin(), from.picks.end(), pick) == from.picks.end()) continue;
    const Candidate& candidate = space.candidates.at(pick).candidate;
    AddNames(before, after, space.blocks[candidate.first], space.blocks[candidate.last], names);
  }
  for (const auto& [now, old] : names) {
    const Tensor* weights = trained.Initializer(old);
    const auto place = network.initializers.find(now);
    if (weights == nullptr || place == network.initializers.end()) continue;
    if (weights->shape() == place->second.shape() && weights->type() == place->second.type())
      place->second = *weights;
  }
  return network;
}

}  // namespace nacre
