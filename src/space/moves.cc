// Moves of the whole network: narrower stages and blocks, fewer blocks, a smaller stem.
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "graph/channels.h"
#include "graph/shapes.h"
#include "space/kernels.h"
#include "space/space.h"

namespace nacre {
namespace {

// Where a stage's or block's channels live, for names: "stage1" when a block's output carries them,
// else "b3".
std::map<std::string, std::string> Places(const Network& network,
                                          const std::vector<Block>& blocks) {
  std::map<std::string, std::string> places;
  for (const Block& block : blocks) {
    for (size_t node : block.nodes) {
      for (const std::string& output : network.nodes[node].outputs) places[output] = block.name;
    }
  }
  for (const Block& block : blocks) places[block.output] = "stage" + std::to_string(block.stage);
  return places;
}

// Channels of a group that the same activations hold.
struct Ring {
  std::vector<int64_t> channels;
  std::string place;  // of the narrowest activation that holds them, a stage where there is one
  int64_t width = 0;  // of that activation
};

// What each activation holds, in all its runs together.
struct Holding {
  std::vector<bool> channels;
  int64_t width = 0;
  std::string place;
};

std::vector<Holding> Holdings(const ChannelGroup& group,
                              const std::map<std::string, std::string>& places) {
  std::map<std::string, Holding> by_value;
  for (const ChannelSlice& run : group.runs) {
    const auto place = places.find(run.value);
    if (place == places.end()) continue;
    Holding& holding = by_value[run.value];
    holding.channels.resize(static_cast<size_t>(group.width), false);
    holding.place = place->second;
    for (int64_t c = run.first; c < run.first + run.count; ++c) {
      if (!holding.channels[c]) ++holding.width;
      holding.channels[c] = true;
    }
  }
  std::vector<Holding> all;
  for (auto& [value, holding] : by_value) all.push_back(std::move(holding));
  // Narrowest first, stages before blocks.
  std::stable_sort(all.begin(), all.end(), [](const Holding& a, const Holding& b) {
    const bool stage_a = a.place.rfind("stage", 0) == 0, stage_b = b.place.rfind("stage", 0) == 0;
    return std::tuple(a.width, !stage_a, a.place) < std::tuple(b.width, !stage_b, b.place);
  });
  return all;
}

// Padded shortcuts couple a narrow stage to the middle of the next one: a ring is what a stage has
// for itself, so that it can get narrower without the others. Without such shortcuts the group is
// one ring.
std::vector<Ring> Rings(const ChannelGroup& group,
                        const std::map<std::string, std::string>& places) {
  const auto holdings = Holdings(group, places);
  std::map<std::vector<bool>, Ring> rings;
  for (int64_t c = 0; c < group.width; ++c) {
    std::vector<bool> holders;
    for (const Holding& holding : holdings) holders.push_back(holding.channels[c]);
    Ring& ring = rings[holders];
    ring.channels.push_back(c);
    const auto narrowest = std::find(holders.begin(), holders.end(), true);
    if (narrowest == holders.end()) continue;
    ring.width = holdings[narrowest - holders.begin()].width;
    ring.place = holdings[narrowest - holders.begin()].place;
  }
  std::vector<Ring> all;
  for (auto& [holders, ring] : rings) {
    if (ring.width > 0) all.push_back(std::move(ring));
  }
  std::sort(all.begin(), all.end(),
            [](const Ring& a, const Ring& b) { return a.channels < b.channels; });
  return all;
}

// Widths worth a move: one notch (a quarter) and half, in multiples the target likes.
std::set<int64_t> Narrower(const Ring& ring, int64_t unit) {
  std::set<int64_t> widths;
  const int64_t own = static_cast<int64_t>(ring.channels.size());
  for (int64_t width : {ring.width * 3 / 4, ring.width / 2}) {
    const int64_t rounded = std::max(unit, width / unit * unit);
    if (rounded < ring.width && ring.width - rounded <= own) widths.insert(rounded);
  }
  return widths;
}

void AddNarrower(const Network& network, const std::vector<Block>& blocks,
                 const SpaceOptions& options, std::vector<Move>& moves) {
  const auto groups = FindChannelGroups(network);
  if (!groups) return;
  const auto places = Places(network, blocks);
  for (const ChannelGroup& group : *groups) {
    if (!group.prunable) continue;
    const auto importance = ChannelImportance(network, group);
    for (const Ring& ring : Rings(group, places)) {
      for (int64_t width : Narrower(ring, options.channel_multiple)) {
        std::vector<double> within(importance.size(), std::numeric_limits<double>::infinity());
        for (int64_t c : ring.channels) within[c] = importance[c];
        const auto keep = SelectChannels(group, within, group.width - (ring.width - width));
        if (!keep) continue;
        auto narrower = KeepChannels(network, group, *keep);
        if (!narrower) continue;
        moves.push_back(
            {ring.place + ":width" + std::to_string(ring.width) + "->" + std::to_string(width),
             std::move(*narrower)});
      }
    }
  }
}

// Residual blocks that keep the shape can go altogether.
void AddShorter(const Network& network, const std::vector<Block>& blocks,
                std::vector<Move>& moves) {
  for (const Block& block : blocks) {
    if (block.kind != "residual" || block.input_shape != block.output_shape ||
        block.input_shape.empty())
      continue;
    Network identity;
    identity.inputs = {{block.input, DataType::kFloat, block.input_shape}};
    identity.outputs = {{block.output, DataType::kFloat, block.output_shape}};
    identity.nodes = {
        {.name = "drop", .op = "Identity", .inputs = {block.input}, .outputs = {block.output}}};
    moves.push_back({block.name + ":drop", Splice(network, block.input, block.output, identity)});
  }
}

// Averages over all positions say so, instead of naming the size, which a move may change.
Network WithGlobalPooling(Network network) {
  const auto shapes = InferShapes(network, 1);
  if (!shapes) return network;
  for (Node& node : network.nodes) {
    if (node.op != "AveragePool") continue;
    const auto in = shapes->find(node.inputs[0]);
    if (in == shapes->end() || in->second.shape.size() != 4) continue;
    const Shape spatial(in->second.shape.begin() + 2, in->second.shape.end());
    const auto pads = node.Ints("pads");
    const bool padded = std::any_of(pads.begin(), pads.end(), [](int64_t pad) { return pad != 0; });
    if (padded || node.String("auto_pad", "NOTSET") != "NOTSET" ||
        node.Ints("kernel_shape") != spatial)
      continue;
    node.op = "GlobalAveragePool";
    node.attributes.clear();
  }
  return network;
}

// The first convolution takes bigger steps, or looks at less.
void AddStem(const Network& network, std::vector<Move>& moves) {
  if (network.inputs.size() != 1) return;
  const auto stem = std::find_if(network.nodes.begin(), network.nodes.end(),
                                 [](const Node& n) { return n.op == "Conv"; });
  if (stem == network.nodes.end()) return;
  const auto index = stem - network.nodes.begin();
  const auto strides = stem->Ints("strides", {1, 1});
  if (strides == std::vector<int64_t>{1, 1}) {
    Network strided = WithGlobalPooling(network);
    strided.nodes[index].attributes["strides"] = std::vector<int64_t>{2, 2};
    moves.push_back({"stem:stride2", std::move(strided)});
  }
  Network small = network;
  if (ShrinkKernel(small, static_cast<size_t>(index))) {
    RemoveDead(small);
    moves.push_back({"stem:kernel3", std::move(small)});
  }
}

// A move can break what follows: a Flatten behind no global pooling, a constant for the old size.
bool StillFits(const Network& original, const Network& moved) {
  const auto before = InferShapes(original, 2), after = InferShapes(moved, 2);
  if (!before || !after || !Verify(moved)) return false;
  return std::all_of(original.outputs.begin(), original.outputs.end(), [&](const Value& output) {
    const auto b = before->find(output.name), a = after->find(output.name);
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
  AddNarrower(network, *blocks, options, moves);
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
