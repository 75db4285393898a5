#include "pipeline/block_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"

namespace nacre {
namespace {

using testing::HasSubstr;

class BlockRowsTest : public testing::Test {
 protected:
  BlockRowsTest() {
    NetworkBuilder b("net", "image", {kDynamic, 3, 8, 8}, Random(1));
    std::string x = b.ConvBn("image", {.out = 16});
    for (int i = 0; i < 2; ++i) {
      const std::string inner =
          b.BatchNorm(b.Conv(b.ConvBn(x, {.out = 16}), {.out = 16, .bias = false}));
      x = b.Activation(b.Add(inner, x), "Relu");
    }
    const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
    space_ = *BuildSpace(std::move(b).Finish(logits, "logits"), {});
    for (RatedCandidate& each : space_.candidates) {
      each.usage = Usage{IsKeep(each.candidate) ? 10.0 : 4.0, 0, 0};
    }
  }

  Space space_;
};

TEST_F(BlockRowsTest, TheOriginalHasARowForEachBlock) {
  const auto rows = BlockRows(space_, {.picks = Original(space_).picks});
  ASSERT_EQ(rows.size(), space_.blocks.size());
  for (const BlockRow& row : rows) {
    EXPECT_EQ(row.before_us, 10);
    EXPECT_EQ(row.after_us, 10);
    EXPECT_THAT(row.after, HasSubstr("keep"));
  }
}

TEST_F(BlockRowsTest, ASpanHasOneRowWithTheTimeOfAllItsBlocks) {
  for (size_t i = 0; i < space_.candidates.size(); ++i) {
    const Candidate& candidate = space_.candidates[i].candidate;
    if (candidate.last == candidate.first) continue;
    const auto rows = BlockRows(space_, {.picks = {static_cast<int>(i)}});
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].before_us, 10 * (candidate.last - candidate.first + 1));
    EXPECT_EQ(rows[0].after_us, 4);
    EXPECT_EQ(rows[0].after, candidate.id);
    EXPECT_THAT(rows[0].blocks, HasSubstr("-"));
    return;
  }
  FAIL() << "the space has no candidate for several blocks";
}

TEST_F(BlockRowsTest, WhatTheTableLacksCountsAsNothing) {
  for (RatedCandidate& each : space_.candidates) each.usage.reset();
  for (const BlockRow& row : BlockRows(space_, {.picks = Original(space_).picks})) {
    EXPECT_EQ(row.before_us, 0);
    EXPECT_EQ(row.after_us, 0);
  }
}

}  // namespace
}  // namespace nacre
