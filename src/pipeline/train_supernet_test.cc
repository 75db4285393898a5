#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/shares.h"
#include "pipeline/supernet_stages.h"

namespace nacre {
namespace {

using Kind = ElasticDimension::Kind;
using ::testing::ElementsAre;

Elasticity Of(std::vector<ElasticDimension> dimensions) {
  Elasticity elasticity;
  elasticity.dimensions = std::move(dimensions);
  return elasticity;
}

const ElasticDimension kWidth = {Kind::kWidth, "width", {64, 48, 40, 32, 24}};
const ElasticDimension kDepth = {Kind::kDepth, "block", {1, 0}};
const ElasticDimension kKernel = {Kind::kKernel, "conv", {7, 5, 3}};

TEST(StagesOf, BlocksAndKernelsThenHalfTheWidthsThenAll) {
  const auto stages = StagesOf(Of({kWidth, kDepth, kKernel}));
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_THAT(stages[0].most, ElementsAre(0, 1, 2));
  EXPECT_THAT(stages[1].most, ElementsAre(2, 1, 2));
  EXPECT_THAT(stages[2].most, ElementsAre(4, 1, 2));
  EXPECT_EQ(stages[0].until, double{shares::kDepthStageEnds});
  EXPECT_LT(stages[0].until, stages[1].until);
  EXPECT_EQ(stages[2].until, 1);
}

TEST(StagesOf, LeavesOutStagesThatLeaveNothingMoreOut) {
  const auto widths = StagesOf(Of({kWidth}));
  ASSERT_EQ(widths.size(), 2u);
  EXPECT_THAT(widths[0].most, ElementsAre(2));
  const auto depths = StagesOf(Of({kDepth, kDepth}));
  ASSERT_EQ(depths.size(), 1u);
  EXPECT_THAT(depths[0].most, ElementsAre(1, 1));
  EXPECT_EQ(depths[0].until, 1);
}

}  // namespace
}  // namespace nacre
