#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "graph/blocks.h"
#include "graph/builder.h"
#include "graph/shapes.h"
#include "space/space.h"

namespace nacre {
namespace {

// Three stages of `blocks` residual blocks, widths 32, 64, 128; shortcuts by 1x1 convolution.
Network ResNet(int blocks, bool pooled = true) {
  NetworkBuilder b("resnet", "image", {kDynamic, 3, 16, 16}, Random(1));
  std::string x = b.ConvBn("image", {.out = 32, .kernel = 5});
  for (int stage = 0; stage < 3; ++stage) {
    const int64_t width = int64_t{32} << stage;
    for (int i = 0; i < blocks; ++i) {
      const int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      const auto y = b.ConvBn(b.ConvBn(x, {.out = width, .stride = stride}), {.out = width}, "");
      if (stride == 2) x = b.ConvBn(x, {.out = width, .kernel = 1, .stride = 2}, "");
      x = b.Activation(b.Add(y, x), "Relu");
    }
  }
  return std::move(b).Finish(b.Linear(b.Flatten(pooled ? b.GlobalAveragePool(x) : x), 10),
                             "logits");
}

std::set<std::string> Ids(const std::vector<Move>& moves) {
  std::set<std::string> ids;
  for (const Move& move : moves) ids.insert(move.id);
  return ids;
}

TEST(Moves, NarrowShortenAndShrinkTheStem) {
  const Network network = ResNet(2);
  const auto moves = MacroMoves(network, {});
  const auto ids = Ids(moves);
  EXPECT_EQ(ids.size(), moves.size());
  for (const char* id : {"stage0:width32->16", "stage1:width64->48", "stage1:width64->32",
                         "stage2:width128->96", "b2:drop", "stem:stride2", "stem:kernel3"}) {
    EXPECT_TRUE(ids.count(id)) << id;
  }
  const auto before = CostOf(network);
  for (const Move& move : moves) {
    ASSERT_TRUE(Verify(move.network)) << move.id;
    const auto shapes = InferShapes(move.network, 2);
    ASSERT_TRUE(shapes) << move.id;
    EXPECT_EQ(shapes->at("logits").shape, (Shape{2, 10})) << move.id;
    EXPECT_LT(CostOf(move.network)->macs, before->macs) << move.id;
  }
}

// Stages of 16, 32 and 64 channels whose shortcuts pad the channels evenly (arXiv 1512.03385,
// option A, strided by a pooling of one), and an average over a fixed size at the end.
Network Padded() {
  NetworkBuilder b("padded", "image", {kDynamic, 3, 16, 16}, Random(1));
  std::string x = b.ConvBn("image", {.out = 16});
  std::vector<std::pair<std::string, int64_t>> shortcuts;
  for (int stage = 0; stage < 3; ++stage) {
    const int64_t width = int64_t{16} << stage, stride = stage > 0 ? 2 : 1;
    const auto y = b.ConvBn(b.ConvBn(x, {.out = width, .stride = stride}), {.out = width}, "");
    if (stage > 0) {
      // A stand-in of the right shape, replaced by the padding below.
      x = b.Conv(b.MaxPool(x, 1, 2), {.out = width, .kernel = 1, .bias = false});
      shortcuts.emplace_back(x, width / 4);
    }
    x = b.Activation(b.Add(y, x), "Relu");
  }
  Network network = std::move(b).Finish(b.Linear(b.Flatten(b.AveragePool(x, 4, 4)), 10), "logits");
  for (const auto& [value, pad] : shortcuts) {
    Node& node = network.nodes[*network.Producer(value)];
    network.initializers.erase(node.inputs[1]);
    network.initializers[value + "/pads"] = Tensor::Ints({8}, {0, pad, 0, 0, 0, pad, 0, 0});
    node.op = "Pad";
    node.inputs[1] = value + "/pads";
    node.attributes.clear();
  }
  return network;
}

TEST(Moves, StagesCoupledByPaddingGetNarrowerByThemselves) {
  const Network network = Padded();
  ASSERT_TRUE(InferShapes(network, 2)) << InferShapes(network, 2).error().message;
  const auto ids = Ids(MacroMoves(network, {}));
  for (const char* id :
       {"stage1:width32->16", "stage2:width64->48", "stage2:width64->32", "stem:stride2"}) {
    EXPECT_TRUE(ids.count(id)) << id;
  }
  const auto narrow = ApplyMoves(network, {"stage2:width64->32"}, {});
  ASSERT_TRUE(narrow);
  const auto shapes = InferShapes(*narrow, 1);
  const auto blocks = FindBlocks(network);
  EXPECT_EQ(shapes->at((*blocks)[3].output).shape[1], 32);
  EXPECT_EQ(shapes->at((*blocks)[2].output).shape[1], 32);  // untouched
}

TEST(Moves, WidthsAreWhatTheTargetLikes) {
  for (const Move& move : MacroMoves(ResNet(1), {.channel_multiple = 32})) {
    if (move.id.find("width") == std::string::npos) continue;
    for (const Node& node : move.network.nodes) {
      if (node.op != "Conv") continue;
      EXPECT_EQ(move.network.Initializer(node.inputs[1])->shape()[0] % 32, 0) << move.id;
    }
  }
}

TEST(Moves, WhatWouldNotRunIsNotOffered) {
  const auto ids = Ids(MacroMoves(ResNet(1, false), {}));
  EXPECT_FALSE(ids.count("stem:stride2"));  // the linear layer counts positions
  EXPECT_TRUE(ids.count("stem:kernel3"));
  EXPECT_TRUE(ids.count("stage2:width128->96"));
}

TEST(Moves, ApplyOneAfterTheOtherByName) {
  const Network network = ResNet(2);
  const auto once = ApplyMoves(network, {"stage1:width64->48", "stem:stride2"}, {});
  ASSERT_TRUE(once) << once.error().message;
  const auto again = ApplyMoves(network, {"stage1:width64->48", "stem:stride2"}, {});
  EXPECT_EQ(StructuralHash(*once, true), StructuralHash(*again, true));
  EXPECT_LT(CostOf(*once)->macs, CostOf(network)->macs / 3);
  EXPECT_FALSE(ApplyMoves(network, {"stage1:width64->48", "stage1:width64->32"}, {}));
  EXPECT_TRUE(ApplyMoves(network, {}, {}));
}

}  // namespace
}  // namespace nacre
