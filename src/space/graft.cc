#include <algorithm>
#include <set>

#include "space/space.h"

namespace nacre {
namespace {

// Blocks that some pick of `one` covers which `other` does not have: first and last.
void Widen(const Space& space, const Architecture& one, const Architecture& other, int& first, int& last) {
  const std::set<int> has(other.picks.begin(), other.picks.end());
  for (int pick : one.picks) {
    if (has.count(pick)) continue;
    first = std::min(first, space.candidates.at(pick).first);
    last = std::max(last, space.candidates.at(pick).last);
  }
}

}  // namespace

Network Graft(const Space& space, const Architecture& from, const Network& trained, const Architecture& to) {
  int first = static_cast<int>(space.blocks.size()), last = -1;
  Widen(space, from, to, first, last);
  Widen(space, to, from, first, last);
  if (last < 0) return trained;
  const std::string &input = space.blocks[first].input, &output = space.blocks[last].output;
  return Splice(trained, input, output, Extract(Assemble(space, to), input, output));
}

}  // namespace nacre
