// Moves of the whole network: narrower stages and blocks, fewer blocks, a smaller stem.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "graph/channels.h"
#include "graph/shapes.h"
#include "space/kernels.h"
#include "space/space.h"

namespace nacre {
namespace {

// Where a stage's or block's channels live, for names: "stage1" when a block's output carries them, else "b3".
std::map<std::string, std::string> Places(const Network& network, const std::vector<Block>& blocks) {
  std::map<std::string, std::string> places;
  for (const Block& block : blocks) {
    for (size_t node : block.nodes) {
      for (const std::string& output : network.nodes[node].outputs) places[output] = block.name;
    }
  }
  for (const Block& block : blocks) places[block.output] = "stage" + std::to_string(block.stage);
  return places;
}

// Channels of a group that the same activations hold, with the widest-reaching place among them.
struct Ring {
  std::vector<int64_t> channels;
  std::string place;
  int64_t width = 0;  // of the narrowest activation that holds them
};

// Padded shortcuts couple a narrow stage to the middle of the next one: a ring is what a stage has for itself, so that
// it can get narrower without the others. Without such shortcuts the group is one ring.
std::vector<Ring> Rings(const ChannelGroup& group, const std::map<std::string, std::string>& places) {
  std::map<std::vector<bool>, Ring> rings;
  for (int64_t c = 0; c < group.width; ++c) {
    std::vector<bool> holds;
    for (const ChannelSlice& run : group.runs) holds.push_back(c >= run.first && c < run.first + run.count);
    rings[holds].channels.push_back(c);
  }
  std::vector<Ring> all;
  for (auto& [holds, ring] : rings) {
    for (size_t r = 0; r < group.runs.size(); ++r) {
      if (!holds[r] || (ring.width > 0 && group.runs[r].count >= ring.width)) continue;
      const auto place = places.find(group.runs[r].value);
      ring.width = group.runs[r].count;
      ring.place = place == places.end() ? "" : place->second;
      for (const ChannelSlice& other : group.runs) {  // a stage's name before a block's, where both are as wide
        const auto named = places.find(other.value);
        if (other.count != ring.width || named == places.end()) continue;
        if (named->second.rfind("stage", 0) == 0) ring.place = named->second;
      }
    }
    if (!ring.place.empty()) all.push_back(std::move(ring));
  }
  std::sort(all.begin(), all.end(), [](const Ring& a, const Ring& b) { return a.channels < b.channels; });
  return all;
}

// Widths worth a move: one notch (a quarter) and half, in multiples the target likes.
std::set<int64_t> Narrower(const Ring& ring, int64_t unit) {
  std::set<int64_t> widths;
  const int64_t own = static_cast<int64_t>(ring.channels.size());
  for (int64_t width : {ring.width * 3 / 4, ring.width / 2}) {
    const int64_t rounded = std::max(unit, width / unit * unit);
    // A ring that is part of the activation can give no more than it has.
    const bool whole = own == ring.width;
    if (rounded < ring.width && (whole || ring.width - rounded <= own)) widths.insert(rounded);
  }
  return widths;
}

void AddNarrower(const Network& network, const std::vector<Block>& blocks, const SpaceOptions& options,
                 std::vector<Move>& moves) {
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
        moves.push_back({ring.place + ":width" + std::to_string(ring.width) + "->" + std::to_string(width),
                         std::move(*narrower)});
      }
    }
  }
}

// Residual blocks that keep the shape can go altogether.
void AddShorter(const Network& network, const std::vector<Block>& blocks, std::vector<Move>& moves) {
  for (const Block& block : blocks) {
    if (block.kind != "residual" || block.input_shape != block.output_shape || block.input_shape.empty()) continue;
    Network identity;
    identity.inputs = {{block.input, DataType::kFloat, block.input_shape}};
    identity.outputs = {{block.output, DataType::kFloat, block.output_shape}};
    identity.nodes = {{.name = "drop", .op = "Identity", .inputs = {block.input}, .outputs = {block.output}}};
    moves.push_back({block.name + ":drop", Splice(network, block.input, block.output, identity)});
  }
}

// The first convolution takes bigger steps, or looks at less.
void AddStem(const Network& network, std::vector<Move>& moves) {
  if (network.inputs.size() != 1) return;
  const auto stem = std::find_if(network.nodes.begin(), network.nodes.end(), [](const Node& n) { return n.op == "Conv"; });
  if (stem == network.nodes.end()) return;
  const auto index = stem - network.nodes.begin();
  const auto strides = stem->Ints("strides", {1, 1});
  if (strides == std::vector<int64_t>{1, 1}) {
    Network strided = network;
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

Expected<Network> ApplyMoves(Network network, const std::vector<std::string>& ids, const SpaceOptions& options) {
  for (const std::string& id : ids) {
    auto moves = MacroMoves(network, options);
    const auto found = std::find_if(moves.begin(), moves.end(), [&](const Move& move) { return move.id == id; });
    if (found == moves.end()) return Fail(ErrorKind::kModel, "the network does not offer the move " + id);
    network = std::move(found->network);
  }
  return network;
}

}  // namespace nacre
