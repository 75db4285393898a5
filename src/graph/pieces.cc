#include "graph/pieces.h"

#include <algorithm>
#include <limits>

#include "graph/blocks.h"
#include "graph/operations.h"

namespace nacre::graph_internal {
namespace {

bool IsConvolution(const Node& node) {
  const OperationKind kind = TraitsOf(node.op).kind;
  return kind == OperationKind::kConvolution || kind == OperationKind::kTransposedConvolution;
}
bool IsLinear(const Node& node) { return TraitsOf(node.op).kind == OperationKind::kLinear; }
bool IsPool(const Node& node) { return TraitsOf(node.op).kind == OperationKind::kPooling; }

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
    if (i == flow.Producer(pieces[piece].output)) ++piece;
  }
  for (size_t i = network.nodes.size(); i-- > 0;) {
    for (const std::string& value : network.nodes[i].inputs) {
      const auto producer = flow.ConstantProducer(value);
      if (producer) piece_of[*producer] = std::min(piece_of[*producer], piece_of[i]);
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
  const bool gate =
      merge.op == "Mul" && std::count(merge.inputs.begin(), merge.inputs.end(), piece.input);
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

}  // namespace

void Append(Piece& piece, const Piece& next) {
  piece.output = next.output;
  piece.data.insert(piece.data.end(), next.data.begin(), next.data.end());
  piece.all.insert(piece.all.end(), next.all.begin(), next.all.end());
}

std::vector<Draft> FindDrafts(const Network& network, const Flow& flow) {
  return JoinPieces(network, FindPieces(network, flow));
}

}  // namespace nacre::graph_internal
