// Moves of the whole network: narrower stages and blocks, fewer blocks, a smaller stem.
#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "graph/channels.h"
#include "graph/shapes.h"
#include "space/kernels.h"
#include "space/space.h"
#include "space/subgroups.h"

namespace nacre {

using namespace space_internal;

namespace {

// Widths worth a move: three quarters and half of the present one, in multiples that the target
// runs well.
std::set<int64_t> NarrowerWidths(const Subgroup& subgroup, int64_t multiple) {
  std::set<int64_t> widths;
  const auto own = static_cast<int64_t>(subgroup.channels.size());
  for (const int64_t width : {subgroup.width * 3 / 4, subgroup.width / 2}) {
    const int64_t rounded = std::max(multiple, width / multiple * multiple);
    if (rounded < subgroup.width && subgroup.width - rounded <= own) widths.insert(rounded);
  }
  return widths;
}

// Importance that only lets channels of the subgroup go.
std::vector<double> Within(const Subgroup& subgroup, const std::vector<double>& importance) {
  std::vector<double> within(importance.size(), std::numeric_limits<double>::infinity());
  for (const int64_t c : subgroup.channels) {
    const auto at = static_cast<size_t>(c);
    within[at] = importance[at];
  }
  return within;
}

// The network with the most important `width` channels of the group; nothing where that cannot be
// done.
std::optional<Network> Narrowed(const Network& network, const ChannelGroup& group,
                                const std::vector<double>& importance, int64_t width) {
  const auto keep = SelectChannels(group, importance, width);
  if (!keep) return std::nullopt;
  auto narrowed = KeepChannels(network, group, *keep);
  if (!narrowed) return std::nullopt;
  return std::move(*narrowed);
}

void AddNarrowerGroup(const Network& network, const ChannelGroup& group, const Places& places,
                      int64_t multiple, std::vector<Move>& moves) {
  const auto importance = ChannelImportance(network, group);
  for (const Subgroup& subgroup : FindSubgroups(group, places)) {
    const auto within = Within(subgroup, importance);
    for (const int64_t width : NarrowerWidths(subgroup, multiple)) {
      auto narrowed = Narrowed(network, group, within, group.width - (subgroup.width - width));
      if (!narrowed) continue;
      const std::string widths = std::to_string(subgroup.width) + "->" + std::to_string(width);
      moves.push_back({subgroup.place + ":width" + widths, std::move(*narrowed)});
    }
  }
}

void AddNarrower(const Network& network, const std::vector<Block>& blocks, int64_t multiple,
                 std::vector<Move>& moves) {
  const auto groups = FindChannelGroups(network);
  if (!groups) return;
  const Places places = PlacesOfValues(network, blocks);
  for (const ChannelGroup& group : *groups) {
    if (group.prunable) AddNarrowerGroup(network, group, places, multiple, moves);
  }
}

bool IsDroppable(const Block& block) {
  return block.kind == "residual" && !block.input_shape.empty() &&
         block.input_shape == block.output_shape;
}

// Residual blocks that keep the shape can be left out.
void AddShorter(const Network& network, const std::vector<Block>& blocks,
                std::vector<Move>& moves) {
  for (const Block& block : blocks) {
    if (!IsDroppable(block)) continue;
    Network identity;
    identity.inputs = {{block.input, DataType::kFloat, block.input_shape}};
    identity.outputs = {{block.output, DataType::kFloat, block.output_shape}};
    identity.nodes = {
        {.name = "drop", .op = "Identity", .inputs = {block.input}, .outputs = {block.output}}};
    moves.push_back({block.name + ":drop", Splice(network, block.input, block.output, identity)});
  }
}

bool IsPadded(const Node& pool) {
  const auto pads = pool.Ints("pads");
  const bool explicitly =
      std::any_of(pads.begin(), pads.end(), [](int64_t pad) { return pad != 0; });
  return explicitly || pool.String("auto_pad", "NOTSET") != "NOTSET";
}

// Whether the node averages over all positions of its input, of this shape [N, C, H, W].
bool PoolsAllPositions(const Node& node, const Shape& in) {
  if (node.op != "AveragePool" || in.size() != 4 || IsPadded(node)) return false;
  return node.Ints("kernel_shape") == Shape(in.begin() + 2, in.end());
}

// Averages over all positions become global, instead of naming a size that a move may change.
Network WithGlobalPooling(Network network) {
  const auto shapes = InferShapes(network, 1);
  if (!shapes) return network;
  for (Node& node : network.nodes) {
    if (node.inputs.empty()) continue;
    const auto in = shapes->find(node.inputs[0]);
    if (in == shapes->end() || !PoolsAllPositions(node, in->second.shape)) continue;
    node.op = "GlobalAveragePool";
    node.attributes.clear();
  }
  return network;
}

// The first convolution has a larger stride, or a smaller kernel.
void AddStem(const Network& network, std::vector<Move>& moves) {
  if (network.inputs.size() != 1) return;
  const auto stem = std::find_if(network.nodes.begin(), network.nodes.end(),
                                 [](const Node& node) { return node.op == "Conv"; });
  if (stem == network.nodes.end()) return;
  const auto index = static_cast<size_t>(stem - network.nodes.begin());
  if (stem->Ints("strides", {1, 1}) == std::vector<int64_t>{1, 1}) {
    Network strided = WithGlobalPooling(network);
    strided.nodes[index].attributes["strides"] = std::vector<int64_t>{2, 2};
    moves.push_back({"stem:stride2", std::move(strided)});
  }
  Network small = network;
  if (ShrinkKernel(small, index)) {
    RemoveDead(small);
    moves.push_back({"stem:kernel3", std::move(small)});
  }
}

// A move can break what follows: a Flatten behind no global pooling, a constant for the old size.
bool StillFits(const Network& original, const Network& moved) {
  const auto before = InferShapes(original, 2);
  const auto after = InferShapes(moved, 2);
  if (!before || !after || !Verify(moved)) return false;
  return std::all_of(original.outputs.begin(), original.outputs.end(), [&](const Value& output) {
    const auto b = before->find(output.name);
    const auto a = after->find(output.name);
    return b != before->end() && a != after->end() && a->second.shape == b->second.shape;
  });
}

void MakeUnique(std::vector<Move>& moves) {
  std::map<std::string, int> uses;
  for (Move& move : moves) {
    if (const int again = uses[move.id]++) move.id += "#" + std::to_string(again + 1);
  }
}

}  // namespace

std::vector<Move> MacroMoves(const Network& network, const SpaceOptions& options) {
  std::vector<Move> moves;
  const auto blocks = FindBlocks(network);
  if (!blocks) return moves;
  AddNarrower(network, *blocks, options.channel_multiple, moves);
  AddShorter(network, *blocks, moves);
  AddStem(network, moves);
  std::erase_if(moves, [&](const Move& move) { return !StillFits(network, move.network); });
  MakeUnique(moves);
  return moves;
}

Expected<Network> ApplyMoves(Network network, const std::vector<std::string>& ids,
                             const SpaceOptions& options) {
  for (const std::string& id : ids) {
    auto moves = MacroMoves(network, options);
    const auto found =
        std::find_if(moves.begin(), moves.end(), [&](const Move& move) { return move.id == id; });
    if (found == moves.end())
      return Fail(ErrorKind::kModel, "the network does not offer the move " + id);
    network = std::move(found->network);
  }
  return network;
}

}  // namespace nacre
