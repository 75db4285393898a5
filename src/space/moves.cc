#include <algorithm>

#include "graph/blocks.h"
#include "graph/channels.h"
#include "space/space.h"

namespace nacre {
namespace {

// Each prunable group one notch narrower: three quarters of its width, in multiples the target likes.
void AddNarrower(const Network& network, const SpaceOptions& options, std::vector<Move>& moves) {
  const auto groups = FindChannelGroups(network);
  if (!groups) return;
  for (const ChannelGroup& group : *groups) {
    if (!group.prunable) continue;
    const int64_t unit = options.channel_multiple;
    const int64_t width = std::max(unit, (group.width * 3 / 4) / unit * unit);
    if (width >= group.width) continue;
    const auto keep = SelectChannels(group, ChannelImportance(network, group), width);
    if (!keep) continue;
    auto narrower = KeepChannels(network, group, *keep);
    if (narrower) {
      moves.push_back({"width:" + group.name + ":" + std::to_string(group.width) + "->" + std::to_string(width),
                       std::move(*narrower)});
    }
  }
}

// Residual blocks that keep the shape can go altogether.
void AddShorter(const Network& network, std::vector<Move>& moves) {
  const auto blocks = FindBlocks(network);
  if (!blocks) return;
  for (const Block& block : *blocks) {
    if (block.kind != "residual" || block.input_shape != block.output_shape || block.input_shape.empty()) continue;
    Network identity;
    identity.inputs = {{block.input, DataType::kFloat, block.input_shape}};
    identity.outputs = {{block.output, DataType::kFloat, block.output_shape}};
    identity.nodes = {{.name = "drop", .op = "Identity", .inputs = {block.input}, .outputs = {block.output}}};
    moves.push_back({"drop:" + block.output, Splice(network, block.input, block.output, identity)});
  }
}

}  // namespace

std::vector<Move> MacroMoves(const Network& network, const SpaceOptions& options) {
  std::vector<Move> moves;
  AddNarrower(network, options, moves);
  AddShorter(network, moves);
  return moves;
}

}  // namespace nacre
