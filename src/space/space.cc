#include "space/space.h"

#include <map>
#include <set>
#include <utility>

#include "graph/shapes.h"
#include "graph/simplify.h"
#include "space/rules/rule.h"
#include "space/work.h"

namespace nacre {

using namespace space_internal;

namespace {

// Whether the candidate has the span's shape, and does not work so much that no machine runs it
// faster.
bool IsWorthPricing(const Span& span, const Candidate& candidate, const SpaceOptions& options) {
  const auto shapes = InferShapes(candidate.fragment, 1);
  if (!shapes) return false;
  const auto out = shapes->find(candidate.fragment.outputs[0].name);
  if (out == shapes->end() || out->second.shape != span.out) return false;
  if (IsKeep(candidate) || span.work <= 0) return true;
  return WorkOf(candidate.fragment, *shapes, options.channel_multiple) <=
         priors::kMostWork * span.work;
}

// All candidates for a span, each structure once as compilers see it.
std::vector<Candidate> CandidatesFor(const Span& span, const SpaceOptions& options) {
  std::set<std::string> seen;
  std::vector<Candidate> distinct;
  for (const Rule& rule : Rules()) {
    if (!rule.applies(span, options)) continue;
    for (Candidate& candidate : rule.propose(span, options)) {
      if (!IsWorthPricing(span, candidate, options)) continue;
      const bool first = seen.insert(StructuralHash(FoldBatchNorm(candidate.fragment))).second;
      if (first) distinct.push_back(std::move(candidate));
    }
  }
  return distinct;
}

// The blocks that no span has offered to keep, as they cannot be replaced.
void AddMissingKeeps(const Space& space, std::vector<Candidate>& candidates) {
  std::set<int> kept;
  for (const Candidate& candidate : candidates) {
    if (IsKeep(candidate)) kept.insert(candidate.first);
  }
  for (int b = 0; b < static_cast<int>(space.blocks.size()); ++b) {
    if (kept.count(b) > 0) continue;
    const Block& block = space.blocks[static_cast<size_t>(b)];
    Network kept = block.kind == "tail" ? ExtractTail(space.network, block.input)
                                        : Extract(space.network, block.input, block.output);
    candidates.push_back(
        MakeCandidate({.first = b, .last = b}, CandidateKind::kKeep, "", std::move(kept)));
  }
}

}  // namespace

Expected<Space> BuildSpace(const Network& network, const SpaceOptions& options) {
  Space space{.network = network};
  NACRE_TRY(space.blocks, FindBlocks(network));
  std::vector<Candidate> candidates;
  for (const Span& span : FindSpans(network, space.blocks, options)) {
    for (Candidate& candidate : CandidatesFor(span, options))
      candidates.push_back(std::move(candidate));
  }
  AddMissingKeeps(space, candidates);
  Trim(candidates, space.blocks, options.most_candidates);
  for (Candidate& candidate : candidates) {
    space.candidates.push_back({std::move(candidate)});
    if (IsKeep(space.candidates.back().candidate)) space.candidates.back().score = 0;
  }
  return space;
}

Expected<void> CheckCovers(const Space& space, const Architecture& architecture) {
  int next = 0;
  for (int pick : architecture.picks) {
    if (pick < 0 || pick >= static_cast<int>(space.candidates.size())) {
      return Fail(ErrorKind::kInternal,
                  "the architecture picks a candidate that the space does not have");
    }
    const Candidate& candidate = space.candidates[pick].candidate;
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
    const Candidate& candidate = space.candidates[i].candidate;
    if (IsKeep(candidate)) keep[candidate.first] = static_cast<int>(i);
  }
  Architecture architecture;
  for (const auto& [block, index] : keep) architecture.picks.push_back(index);
  return architecture;
}

Network Assemble(const Space& space, const Architecture& architecture) {
  Network network = space.network;
  for (int pick : architecture.picks) {
    const Candidate& candidate = space.candidates.at(pick).candidate;
    if (IsKeep(candidate)) continue;
    network = Splice(network, space.blocks[candidate.first].input,
                     space.blocks[candidate.last].output, candidate.fragment);
  }
  return network;
}

std::string ToString(const Space& space, const Architecture& architecture) {
  std::string text;
  for (int pick : architecture.picks) {
    const Candidate& candidate = space.candidates.at(pick).candidate;
    if (!text.empty()) text += ' ';
    text += candidate.id;
  }
  return text;
}

}  // namespace nacre
