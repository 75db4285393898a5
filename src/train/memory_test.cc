#include "train/memory.h"

#include <gtest/gtest.h>

#include "graph/builder.h"

namespace nacre::train_internal {
namespace {

// Convolutions of 16 channels on square images: 16 side^2 elements each.
Network Chain(int64_t side, int convolutions) {
  NetworkBuilder b("chain", "image", {kDynamic, 3, side, side}, Random(1));
  std::string x = "image";
  for (int i = 0; i < convolutions; ++i) x = b.ConvBn(x, {.out = 16}, "Relu");
  const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
  return std::move(b).Finish(logits, "logits");
}

TEST(Memory, SmallImagesKeepTheirBatch) {
  const Network network = Chain(32, 57);
  EXPECT_EQ(BatchToRun(network, 256), 256);
  EXPECT_EQ(BatchToTrain(network, 64), 64);
}

TEST(Memory, ABatchOfLargeImagesIsBoundedInBytes) {
  const Network network = Chain(512, 20);
  const int64_t run = BatchToRun(network, 256), train = BatchToTrain(network, 256);
  const int64_t layer = 4 * 16 * 512 * 512;  // bytes of one convolution's output
  EXPECT_LT(run, 256);
  EXPECT_GE(run * layer, kMostRunBytes / 8);
  EXPECT_LE(run * layer, kMostRunBytes);
  EXPECT_LT(train, run) << "all values are kept";
  EXPECT_LE(train * 20 * layer, kMostTrainBytes);
}

TEST(Memory, AnImageThatDoesNotFitIsTakenAlone) { EXPECT_EQ(BatchToTrain(Chain(4096, 10), 64), 1); }

TEST(Memory, ValuesThatAreKeptAndPassesBesideCount) {
  const Network network = Chain(256, 8);
  std::vector<std::string> kept;
  for (const Node& node : network.nodes) {
    if (node.op == "Relu") kept.push_back(node.outputs[0]);
  }
  ASSERT_EQ(kept.size(), 8u);
  const int64_t alone = BatchToRunBeside(network, {}, 0, 1024);
  const int64_t beside = BatchToRunBeside(network, {}, 2, 1024);
  const int64_t both = BatchToRunBeside(network, kept, 2, 1024);
  EXPECT_GT(alone, beside);
  EXPECT_GT(beside, both);
  EXPECT_GE(both, 1);
}

TEST(Memory, EndsOfSpansAreNamedOnce) {
  const std::vector<SpanJob> jobs = {{"a", "b", {}}, {"b", "c", {}}, {"a", "b", {}}};
  EXPECT_EQ(ValuesOf(jobs), (std::vector<std::string>{"a", "b", "c"}));
}

}  // namespace
}  // namespace nacre::train_internal
