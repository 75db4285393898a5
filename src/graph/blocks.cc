#include "graph/blocks.h"

#include <algorithm>
#include <string>

#include "graph/flow.h"
#include "graph/fragment.h"
#include "graph/operations.h"
#include "graph/pieces.h"
#include "graph/shapes.h"

namespace nacre {

using namespace graph_internal;

namespace {

bool IsTrainable(const Node& node) { return !node.opaque() && TraitsOf(node.op).trainable; }

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

// What lies behind the last value through which all data flows.
Expected<Block> MakeTail(const Network& network, const Flow& flow, const ValueMap& shapes) {
  Block tail{.input = CutPoints(network).back(), .output = network.outputs[0].name};
  tail.nodes = TailNodes(network, flow, tail.input);
  tail.input_shape = ShapeOf(shapes, tail.input);
  tail.trainable = false;
  tail.kind = "tail";
  auto fragment = MakeTailFragment(network, flow, tail.input, shapes);
  if (!fragment || tail.input_shape.empty()) return tail;
  NACRE_TRY(const Cost cost, CostOf(*fragment, 1));
  tail.macs = cost.macs;
  return tail;
}

}  // namespace

Expected<std::vector<Block>> FindBlocks(const Network& network) {
  if (network.inputs.size() != 1 || network.outputs.empty()) {
    return Fail(ErrorKind::kModel,
                "network '" + network.name + "' has " + std::to_string(network.inputs.size()) +
                    " inputs; only networks with one input are divided into blocks");
  }
  NACRE_TRY(const ValueMap shapes, InferShapes(network, 1));
  const Flow flow(network);
  std::vector<Draft> drafts = FindDrafts(network, flow);
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
    auto fragment =
        MakeFragment(network, flow, draft.piece.data, block.input, block.output, shapes);
    block.trainable = fragment && !block.input_shape.empty() && !block.output_shape.empty();
    for (size_t i : draft.piece.data) {
      block.trainable = block.trainable && IsTrainable(network.nodes[i]);
    }
    if (fragment && !block.input_shape.empty()) {
      NACRE_TRY(const Cost cost, CostOf(*fragment, 1));
      block.macs = cost.macs;
    }
    blocks.push_back(std::move(block));
  }
  if (network.outputs.size() > 1) {
    NACRE_TRY(Block tail, MakeTail(network, flow, shapes));
    tail.name = "b" + std::to_string(blocks.size());
    tail.stage = stage;
    if (!tail.nodes.empty()) blocks.push_back(std::move(tail));
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
