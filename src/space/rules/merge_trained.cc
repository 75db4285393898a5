// One or two trained blocks in place of at least twice as many.
#include <optional>
#include <utility>

#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

// The name that a value of `network` has where the network stands in the place of the span. Other
// values that happen to be named as the span's ends make way.
std::string NameInSpan(const std::string& name, const Network& network, const Span& span) {
  if (name == network.inputs[0].name) return span.input;
  if (name == network.outputs[0].name) return span.output;
  const bool taken = name == span.input || name == span.output;
  return taken ? name + "/inner" : name;
}

// A network between two cut points of the span, in the place of the whole span.
Network Renamed(Network network, const Span& span) {
  std::vector<Node> nodes = network.nodes;
  for (Node& node : nodes) {
    for (std::string& name : node.inputs) name = NameInSpan(name, network, span);
    for (std::string& name : node.outputs) name = NameInSpan(name, network, span);
  }
  network.nodes = std::move(nodes);
  network.inputs[0].name = span.input;
  network.outputs[0].name = span.output;
  return network;
}

// The first `length` trained blocks in a row that fit in the place of all.
std::optional<Network> Representative(const Span& span, const std::vector<Block>& blocks,
                                      size_t length) {
  for (size_t first = 0; first + length <= blocks.size(); ++first) {
    const Block& from = blocks[first];
    const Block& to = blocks[first + length - 1];
    if (from.input_shape != span.in || to.output_shape != span.out) continue;
    return Renamed(Extract(span.network, from.input, to.output), span);
  }
  return std::nullopt;
}

bool HasSeveralBlocks(const Span& span, const SpaceOptions&) { return span.blocks() > 1; }

std::vector<Candidate> MergeTrained(const Span& span, const SpaceOptions&) {
  std::vector<Candidate> candidates;
  const auto blocks = FindBlocks(span.network);
  if (!blocks) return candidates;
  for (const size_t length : {1, 2}) {
    if (length >= blocks->size() || static_cast<int>(length) * 2 > span.blocks()) continue;
    auto merged = Representative(span, *blocks, length);
    if (!merged) continue;
    candidates.push_back(MakeCandidate(span, CandidateKind::kMerge,
                                       "-first" + std::to_string(length), std::move(*merged)));
  }
  return candidates;
}

}  // namespace

Rule MergeTrainedRule() { return {"merge-trained", HasSeveralBlocks, MergeTrained}; }

}  // namespace nacre::space_internal
