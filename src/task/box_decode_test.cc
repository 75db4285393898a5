#include "task/box_decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace nacre {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kNear = 1e-9;

TEST(Anchors, AreThoseOfSsdMobileNet) {
  const std::vector<Anchor> anchors = MakeAnchors(SsdMaps({19, 10, 5, 3, 2, 1}));
  ASSERT_EQ(anchors.size(), 1917u);  // as published for 300 x 300
  EXPECT_NEAR(anchors[0].x, 0.5 / 19, kNear);
  EXPECT_NEAR(anchors[0].width, 0.1, kNear);
  EXPECT_NEAR(anchors[1].width, 0.2 * std::sqrt(2.0), kNear);
  EXPECT_NEAR(anchors[1].height, 0.2 / std::sqrt(2.0), kNear);
  EXPECT_NEAR(anchors[3].x, 1.5 / 19, kNear);  // columns before rows
  EXPECT_NEAR(anchors[3].y, 0.5 / 19, kNear);
  const Anchor& last = anchors.back();  // the square between 0.95 and 1
  EXPECT_NEAR(last.x, 0.5, kNear);
  EXPECT_NEAR(last.width, std::sqrt(0.95), kNear);
  EXPECT_NEAR(last.height, std::sqrt(0.95), kNear);
  EXPECT_THROW(SsdMaps({19}), std::logic_error);
}

TEST(DecodeBox, MovesAndGrowsTheAnchor) {
  const Anchor anchor{.x = 0.5, .y = 0.25, .width = 0.2, .height = 0.1};
  const std::array<float, 4> none = {0, 0, 0, 0};
  const Box still = DecodeBox(none, anchor, {}, {100, 200});
  EXPECT_NEAR(still.x0, 40, kNear);
  EXPECT_NEAR(still.y0, 40, kNear);
  EXPECT_NEAR(still.x1, 60, kNear);
  EXPECT_NEAR(still.y1, 60, kNear);
  // Half a width to the right, a tenth of a height up, twice as wide.
  const std::array<float, 4> answer = {5, -1, static_cast<float>(5 * std::log(2.0)), 0};
  const Box moved = DecodeBox(answer, anchor, {}, {100, 200});
  EXPECT_NEAR(moved.x0, 40, 1e-5);
  EXPECT_NEAR(moved.x1, 80, 1e-5);
  EXPECT_NEAR(moved.y0, 38, kNear);
  EXPECT_NEAR(moved.y1, 58, kNear);
}

TEST(Suppress, TheSurestStaysAndTiesGoToTheEarlier) {
  const std::vector<Box> boxes = {{0, 0, 10, 10}, {1, 0, 11, 10}, {20, 0, 30, 10}, {0, 0, 10, 10}};
  const SuppressionOptions options;
  EXPECT_THAT(Suppress(boxes, std::vector<float>{0.5F, 0.9F, 0.7F, 0.5F}, options),
              ElementsAre(1, 2));
  EXPECT_THAT(Suppress(boxes, std::vector<float>{0.5F, 0.1F, 0.7F, 0.5F}, options),
              ElementsAre(2, 0));
}

TEST(Suppress, ThresholdsAreNotReached) {
  const std::vector<Box> boxes = {{0, 0, 10, 10}, {0, 0, 10, 5}};  // IoU exactly one half
  SuppressionOptions options;
  EXPECT_THAT(Suppress(boxes, std::vector<float>{0.9F, 0.5F}, options), ElementsAre(0, 1));
  options.most_iou = 0.49F;
  EXPECT_THAT(Suppress(boxes, std::vector<float>{0.9F, 0.5F}, options), ElementsAre(0));
  options.least_score = 0.9F;
  EXPECT_THAT(Suppress(boxes, std::vector<float>{0.9F, NAN}, options), IsEmpty());
  EXPECT_THROW(Suppress(boxes, std::vector<float>{0.9F}, options), std::logic_error);
}

TEST(Suppress, BoxesWithoutAreaStayAndCountsAreBounded) {
  const std::vector<Box> boxes = {{0, 0, 0, 10}, {0, 0, 0, 10}, {10, 10, 0, 0}, {0, 0, 10, 10}};
  SuppressionOptions options;
  const std::vector<float> scores = {0.9F, 0.8F, 0.7F, 0.6F};
  EXPECT_THAT(Suppress(boxes, scores, options), ElementsAre(0, 1, 2));  // corners in any order
  options.most_boxes = 2;
  EXPECT_THAT(Suppress(boxes, scores, options), ElementsAre(0, 1));
}

TEST(FindObjects, ReturnsTheImagesPixelsByScore) {
  // The picture is twice as large as the input.
  const Placement placement{.source = {200, 200}, .scaled = {100, 100}};
  const std::vector<Box> boxes = {{0, 0, 10, 10}, {50, 50, 120, 60}, {-20, -20, -5, -5}};
  const std::vector<float> scores = {0.1F, 0.2F,  0.7F,  //
                                     0.1F, 0.9F,  0.0F,  //
                                     0.0F, 0.95F, 0.0F};
  const auto found = FindObjects(boxes, scores, true, placement, {});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].label, 0);
  EXPECT_EQ(found[0].box, (Box{100, 100, 200, 120}));
  EXPECT_EQ(found[1].label, 1);
  EXPECT_EQ(found[1].box, (Box{0, 0, 20, 20}));
  EXPECT_EQ(found[2].label, 0);
  const auto one = FindObjects(boxes, scores, false, placement, {.most_detections = 1});
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].label, 1);
  EXPECT_THAT(FindObjects({}, {}, true, placement, {}), IsEmpty());
  EXPECT_THROW(FindObjects(boxes, std::vector<float>(4), true, placement, {}), std::logic_error);
  EXPECT_THROW(FindObjects(boxes, std::vector<float>(3), true, placement, {}), std::logic_error);
}

}  // namespace
}  // namespace nacre
