#include "space/space.h"

#include <map>
#include <set>

#include "graph/shapes.h"
#include "graph/simplify.h"
#include "space/span.h"

namespace nacre {
namespace {

bool FitsShape(const Span& span, const Network& fragment) {
  const auto shapes = InferShapes(fragment, 1);
  if (!shapes) return false;
  const auto out = shapes->find(fragment.outputs[0].name);
  return out != shapes->end() && out->second.shape == span.out;
}

Candidate Keep(const Network& network, const Block& block, int index) {
  return {"b" + std::to_string(index) + ":keep", "keep", index, index,
          Extract(network, block.input, block.output)};
}

}  // namespace

Expected<Space> BuildSpace(const Network& network, const SpaceOptions& options) {
  Space space{.network = network};
  NACRE_TRY(space.blocks, FindBlocks(network));
  std::set<int> kept;
  for (const Span& span : FindSpans(network, space.blocks, options)) {
    std::set<std::string>
        seen;  // structures of this span, as compilers see them; trained weights come first
    auto candidates = ReuseCandidates(span, options);
    for (Candidate& inherited : InheritCandidates(span, options))
      candidates.push_back(std::move(inherited));
    for (Candidate& fresh : FreshCandidates(span, options)) candidates.push_back(std::move(fresh));
    for (Candidate& candidate : candidates) {
      if (!FitsShape(span, candidate.fragment)) continue;
      if (!seen.insert(StructuralHash(FoldBatchNorm(candidate.fragment))).second) continue;
      if (candidate.kind == "keep") kept.insert(candidate.first);
      space.candidates.push_back(std::move(candidate));
    }
  }
  for (int b = 0; b < static_cast<int>(space.blocks.size()); ++b) {
    if (!kept.count(b)) space.candidates.push_back(Keep(network, space.blocks[b], b));
  }
  Trim(space.candidates, space.blocks, options.most_candidates);
  return space;
}

Expected<void> CheckCovers(const Space& space, const Architecture& architecture) {
  int next = 0;
  for (int pick : architecture.picks) {
    if (pick < 0 || pick >= static_cast<int>(space.candidates.size())) {
      return Fail(ErrorKind::kInternal, "the architecture picks a candidate that is not there");
    }
    const Candidate& candidate = space.candidates[pick];
    if (candidate.first != next) {
      return Fail(ErrorKind::kInternal, "candidate " + candidate.id + " does not begin at block b" +
                                            std::to_string(next));
    }
    next = candidate.last + 1;
  }
  if (next == static_cast<int>(space.blocks.size())) return {};
  return Fail(ErrorKind::kInternal, "block b" + std::to_string(next) + " is not covered");
}

Architecture Original(const Space& space) {
  std::map<int, int> keep;
  for (size_t i = 0; i < space.candidates.size(); ++i) {
    if (space.candidates[i].kind == "keep") keep[space.candidates[i].first] = static_cast<int>(i);
  }
  Architecture architecture;
  for (const auto& [block, index] : keep) architecture.picks.push_back(index);
  return architecture;
}

Network Assemble(const Space& space, const Architecture& architecture) {
  Network network = space.network;
  for (int pick : architecture.picks) {
    const Candidate& candidate = space.candidates.at(pick);
    if (candidate.kind == "keep") continue;
    network = Splice(network, space.blocks[candidate.first].input,
                     space.blocks[candidate.last].output, candidate.fragment);
  }
  return network;
}

std::string ToString(const Space& space, const Architecture& architecture) {
  std::string text;
  for (int pick : architecture.picks) {
    const Candidate& candidate = space.candidates.at(pick);
    if (!text.empty()) text += ' ';
    text += candidate.id;
  }
  return text;
}

}  // namespace nacre
