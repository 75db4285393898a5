#include "graph/blocks.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "graph/flow.h"
#include "graph/fragment.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

using Ops = std::unordered_set<std::string>;

bool IsConvolution(const Node& node) { return node.op == "Conv" || node.op == "ConvTranspose"; }
bool IsLinear(const Node& node) { return node.op == "Gemm" || node.op == "MatMul"; }
bool IsPool(const Node& node) {
  return node.op.ends_with("Pool") || node.op.starts_with("Reduce");
}

bool HasGradient(const Node& node) {
  static const Ops none = {"ArgMax", "ArgMin",  "NonMaxSuppression", "NonZero", "TopK",
                           "Round",  "Floor",   "Ceil",              "Sign",    "Equal",
                           "Less",   "Greater", "LessOrEqual",       "Not",     "GreaterOrEqual",
                           "And",    "Or",      "Xor",               "OneHot",  "QuantizeLinear",
                           "Unique", "IsNaN",   "IsInf",             "Shape",   "DequantizeLinear",
                           "Size",   "QLinearConv"};
  return !node.opaque() && !none.contains(node.op);
}

// What lies between two neighbouring cut points.
struct Piece {
  std::string input, output;
  std::vector<size_t> data;  // nodes that carry data
  std::vector<size_t> all;   // and those that feed them with constants or shapes
};

std::vector<Piece> FindPieces(const Network& network, const Flow& flow) {
  const std::vector<std::string> cuts = CutPoints(network);
  std::vector<Piece> pieces;
  for (size_t i = 0; i + 1 < cuts.size(); ++i) pieces.push_back({cuts[i], cuts[i + 1], {}, {}});

  constexpr size_t kNone = std::numeric_limits<size_t>::max();
  std::vector<size_t> piece_of(network.nodes.size(), kNone);
  for (size_t i = 0, piece = 0; i < network.nodes.size() && piece < pieces.size(); ++i) {
    if (!flow.IsData(i)) continue;
    pieces[piece].data.push_back(i);
    piece_of[i] = piece;
    if (static_cast<int>(i) == flow.Producer(pieces[piece].output)) ++piece;
  }
  for (size_t i = network.nodes.size(); i-- > 0;) {
    for (const std::string& value : network.nodes[i].inputs) {
      const int producer = flow.IsData(value) ? -1 : flow.Producer(value);
      if (producer >= 0) piece_of[producer] = std::min(piece_of[producer], piece_of[i]);
    }
  }
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    if (piece_of[i] != kNone) pieces[piece_of[i]].all.push_back(i);
  }
  return pieces;
}

enum class Role { kAnchor, kFollows, kPrecedes };

struct Reading {
  Role role = Role::kAnchor;
  std::string kind = "other";
};

Reading ReadBranches(const Network& network, const Piece& piece) {
  const Node& merge = network.nodes[piece.data.back()];
  const bool works = std::any_of(piece.data.begin(), piece.data.end(), [&](size_t i) {
    const Node& node = network.nodes[i];
    return IsConvolution(node) || IsLinear(node) || IsPool(node) || node.opaque();
  });
  const bool gate = merge.op == "Mul" && std::count(merge.inputs.begin(), merge.inputs.end(), piece.input);
  if (!works || gate) return {Role::kFollows, "other"};
  return {Role::kAnchor, merge.op == "Add" || merge.op == "Sum" ? "residual" : "branched"};
}

Reading Read(const Network& network, const Piece& piece) {
  if (piece.data.empty()) return {Role::kFollows, "other"};
  if (piece.data.size() > 1) return ReadBranches(network, piece);
  const Node& node = network.nodes[piece.data[0]];
  if (node.opaque()) return {Role::kAnchor, "other"};
  if (IsConvolution(node)) return {Role::kAnchor, "convolution"};
  if (IsLinear(node)) return {Role::kAnchor, "head"};
  if (IsPool(node)) return {Role::kAnchor, "pool"};
  if (node.op == "Pad") return {Role::kPrecedes, "other"};
  return {Role::kFollows, "other"};
}

struct Draft {
  Piece piece;
  std::string kind;
};

void Append(Piece& piece, const Piece& next) {
  piece.output = next.output;
  piece.data.insert(piece.data.end(), next.data.begin(), next.data.end());
  piece.all.insert(piece.all.end(), next.all.begin(), next.all.end());
}

std::vector<Draft> JoinPieces(const Network& network, const std::vector<Piece>& pieces) {
  std::vector<Draft> drafts;
  bool open = false;  // the last draft waits for what it precedes
  for (const Piece& piece : pieces) {
    const Reading reading = Read(network, piece);
    if (open || (reading.role == Role::kFollows && !drafts.empty())) {
      Append(drafts.back().piece, piece);
      if (open && reading.role == Role::kAnchor) {
        drafts.back().kind = reading.kind;
        open = false;
      }
      continue;
    }
    drafts.push_back({piece, reading.kind});
    open = reading.role != Role::kAnchor;
  }
  if (open && drafts.size() > 1) {
    const Draft last = drafts.back();
    drafts.pop_back();
    Append(drafts.back().piece, last.piece);
  }
  return drafts;
}

Shape ShapeOf(const ValueMap& shapes, const std::string& value) {
  auto found = shapes.find(value);
  return found == shapes.end() ? Shape{} : found->second.shape;
}

// Height and width, or whatever follows the channels; {1, 1} for a vector of features.
Shape SpatialSize(const Shape& shape) {
  return shape.size() > 2 ? Shape(shape.begin() + 2, shape.end()) : Shape{1, 1};
}

void JoinHead(std::vector<Draft>& drafts, const ValueMap& shapes) {
  for (size_t i = 0; i + 1 < drafts.size(); ++i) {
    const Shape shape = ShapeOf(shapes, drafts[i].piece.output);
    if (drafts[i].kind != "pool" || drafts[i + 1].kind != "head" || shape.empty()) continue;
    if (SpatialSize(shape) != Shape{1, 1}) continue;
    Append(drafts[i].piece, drafts[i + 1].piece);
    drafts[i].kind = "head";
    drafts.erase(drafts.begin() + i + 1);
  }
  if (!drafts.empty() && drafts.back().kind == "pool") drafts.back().kind = "head";
}

}  // namespace

Expected<std::vector<Block>> FindBlocks(const Network& network) {
  if (network.inputs.size() != 1 || network.outputs.size() != 1) {
    return Fail(ErrorKind::kModel,
                "network '" + network.name + "' has " + std::to_string(network.inputs.size()) +
                    " inputs and " + std::to_string(network.outputs.size()) +
                    " outputs; only networks with one of each are divided into blocks");
  }
  NACRE_TRY(const ValueMap shapes, InferShapes(network, 1));
  const Flow flow(network);
  std::vector<Draft> drafts = JoinPieces(network, FindPieces(network, flow));
  JoinHead(drafts, shapes);

  std::vector<Block> blocks;
  Shape size = SpatialSize(ShapeOf(shapes, network.inputs[0].name));
  int stage = 0;
  for (Draft& draft : drafts) {
    Block block{.name = "b" + std::to_string(blocks.size()),
                .input = draft.piece.input,
                .output = draft.piece.output,
                .nodes = std::move(draft.piece.all),
                .input_shape = ShapeOf(shapes, draft.piece.input),
                .output_shape = ShapeOf(shapes, draft.piece.output),
                .kind = draft.kind};
    std::sort(block.nodes.begin(), block.nodes.end());
    if (!block.output_shape.empty() && SpatialSize(block.output_shape) != size) {
      size = SpatialSize(block.output_shape);
      ++stage;
    }
    block.stage = stage;
    auto fragment = MakeFragment(network, flow, draft.piece.data, block.input, block.output, shapes);
    block.trainable = fragment && !block.input_shape.empty() && !block.output_shape.empty();
    for (size_t i : draft.piece.data) {
      block.trainable = block.trainable && HasGradient(network.nodes[i]);
    }
    if (fragment && !block.input_shape.empty()) {
      NACRE_TRY(const Cost cost, CostOf(*fragment, 1));
      block.macs = cost.macs;
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

std::vector<Stage> FindStages(const std::vector<Block>& blocks) {
  std::vector<Stage> stages;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const int index = static_cast<int>(i);
    if (i == 0 || blocks[i].stage != blocks[i - 1].stage) stages.push_back({index, index, {}, 0});
    stages.back().last = index;
    stages.back().shape = blocks[i].output_shape;
    stages.back().macs += blocks[i].macs;
  }
  return stages;
}

}  // namespace nacre
