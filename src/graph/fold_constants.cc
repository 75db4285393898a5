#include <algorithm>

#include "graph/fold.h"
#include "graph/simplify.h"

namespace nacre {
namespace {

constexpr int64_t kMaxFolded = int64_t{1} << 24;  // elements of a folded initializer

bool IsFoldable(const Network& network, const Facts& facts, const Node& node) {
  if (node.opaque()) return false;
  return std::all_of(node.outputs.begin(), node.outputs.end(), [&](const std::string& output) {
    if (output.empty()) return true;
    const auto content = facts.contents.find(output);
    return content != facts.contents.end() && content->second.Known() && !network.IsOutput(output);
  });
}

}  // namespace

std::optional<Content> KnownContent(const Network& network, const Facts& facts,
                                    const std::string& value) {
  if (const Tensor* tensor = network.Initializer(value)) return Content{*tensor, {}};
  const auto found = facts.contents.find(value);
  if (found == facts.contents.end()) return std::nullopt;
  return found->second;
}

void Materialize(Network& network, const Facts& facts) {
  std::erase_if(network.nodes, [&](const Node& node) {
    if (!IsFoldable(network, facts, node)) return false;
    for (const std::string& output : node.outputs) {
      if (!output.empty()) network.initializers[output] = facts.contents.at(output).values;
    }
    return true;
  });
}

Expected<Network> FoldConstants(const Network& network) {
  NACRE_CHECK_OK(Verify(network));
  PropagateOptions options;
  options.max_elements = kMaxFolded;
  NACRE_TRY(const Facts facts, Propagate(network, options));
  Network folded = network;
  Materialize(folded, facts);
  SettleTargets(folded, facts);
  BypassNoOperations(folded, facts);
  RemoveDead(folded);
  NACRE_CHECK_OK(Verify(folded));
  return folded;
}

}  // namespace nacre
