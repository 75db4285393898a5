#include "task/detection_metric.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nacre {
namespace {

constexpr double kNear = 1e-12;

// A square of 20 pixels, which is small, shifted to the right.
Box Square(double shift = 0) { return {shift, 0, shift + 20, 20}; }

TrueObject Object(int label, const Box& box) {
  return {.label = label, .box = box, .area = box.area()};
}

TEST(Iou, IsThatOfTwoBoxes) {
  EXPECT_DOUBLE_EQ(Iou({0, 0, 2, 2}, {1, 1, 3, 3}), 1.0 / 7);
  EXPECT_EQ(Iou({0, 0, 2, 2}, {2, 0, 4, 2}), 0);  // they touch
  EXPECT_EQ(Iou({0, 0, 2, 2}, {0, 0, 2, 2}), 1);
  EXPECT_EQ(Iou({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
  EXPECT_EQ(Iou({2, 2, 0, 0}, {0, 0, 2, 2}), 0);  // inside out
}

TEST(CocoMatches, PerfectAndNothing) {
  const TrueObjects truth = {{Object(0, Square()), Object(1, Square(40))}, {}};
  const Detections perfect = {{{0, 0.5, Square()}, {1, 0.1, Square(40)}}, {}};
  const CocoScores best = CocoMatches(truth, perfect, 3).Score();
  EXPECT_NEAR(*best.map, 1, kNear);
  EXPECT_NEAR(*best.map50, 1, kNear);
  EXPECT_NEAR(*best.small, 1, kNear);
  EXPECT_FALSE(best.medium.has_value());
  EXPECT_FALSE(best.large.has_value());
  ASSERT_EQ(best.by_class.size(), 3u);
  EXPECT_NEAR(*best.by_class[1], 1, kNear);
  EXPECT_FALSE(best.by_class[2].has_value());
  EXPECT_EQ(*CocoMatches(truth, {{}, {}}, 3).Score().map, 0);
  EXPECT_FALSE(CocoMatches({}, {}, 3).Score().map.has_value());
}

// Shifted by 4 of 20 pixels, the IoU is 16 / 24: a match at 0.50, 0.55, 0.60 and 0.65.
TEST(CocoMatches, CountsTheThresholdsThatTheIouReaches) {
  const TrueObjects truth = {{Object(0, Square())}};
  const CocoScores scores = CocoMatches(truth, {{{0, 1, Square(4)}}}, 1).Score();
  EXPECT_NEAR(*scores.map, 0.4, kNear);
  EXPECT_NEAR(*scores.map50, 1, kNear);
  EXPECT_NEAR(*scores.map75, 0, kNear);
}

// Right, wrong, right of two: precision is 1 up to a recall of one half (51 of 101 points), then
// 2/3.
TEST(CocoMatches, InterpolatesPrecisionAtRecall) {
  const TrueObjects truth = {{Object(0, Square()), Object(0, Square(40))}};
  const Detections found = {{{0, 0.9, Square()}, {0, 0.8, Square(80)}, {0, 0.7, Square(40)}}};
  EXPECT_NEAR(*CocoMatches(truth, found, 1).Score().map, (51 + 50 * 2.0 / 3) / 101, kNear);
}

TEST(CocoMatches, ASecondDetectionOfAnObjectIsWrong) {
  const TrueObjects truth = {{Object(0, Square()), Object(0, Square(100))}};
  const Detections twice = {{{0, 0.9, Square()}, {0, 0.8, Square()}, {0, 0.7, Square(100)}}};
  EXPECT_NEAR(*CocoMatches(truth, twice, 1).Score().map50, (51 + 50 * 2.0 / 3) / 101, kNear);
}

TEST(CocoMatches, ACrowdTakesAnyNumberAndIsNotAskedFor) {
  TrueObject crowd = Object(0, {0, 0, 400, 400});
  crowd.crowd = true;
  const TrueObjects truth = {{crowd, Object(0, Square(500))}};
  const Detections found = {{{0, 0.9, Square(20)}, {0, 0.8, Square(50)}, {0, 0.7, Square(500)}}};
  EXPECT_NEAR(*CocoMatches(truth, found, 1).Score().map, 1, kNear);
}

TEST(CocoMatches, ADifficultObjectIsNeitherAskedForNorPunishedOnce) {
  TrueObject difficult = Object(0, Square());
  difficult.difficult = true;
  const TrueObjects truth = {{difficult, Object(0, Square(500))}};
  const Detections once = {{{0, 0.9, Square()}, {0, 0.8, Square(500)}}};
  EXPECT_NEAR(*CocoMatches(truth, once, 1).Score().map, 1, kNear);
  const Detections twice = {{{0, 0.9, Square()}, {0, 0.9, Square()}, {0, 0.8, Square(500)}}};
  EXPECT_NEAR(*CocoMatches(truth, twice, 1).Score().map, 0.5, kNear);
}

TEST(CocoMatches, OnlyAHundredOfAClassInAnImageCount) {
  const TrueObjects truth = {{Object(0, Square())}};
  Detections found(1);
  for (int i = 0; i < 100; ++i) found[0].push_back({0, 0.9, Square(1000)});
  found[0].push_back({0, 0.1, Square()});
  EXPECT_EQ(*CocoMatches(truth, found, 1).Score().map, 0);
  found[0].erase(found[0].begin());
  EXPECT_NEAR(*CocoMatches(truth, found, 1).Score().map, 0.01, kNear);
}

TEST(CocoMatches, NanIsNoDetection) {
  const TrueObjects truth = {{Object(0, Square())}};
  const Detections found = {{{0, NAN, Square()}, {0, 0.9, {NAN, 0, 1, 1}}, {0, 0.5, Square()}}};
  EXPECT_NEAR(*CocoMatches(truth, found, 1).Score().map, 1, kNear);
}

TEST(CocoMatches, DrawsAreCopiesOfImages) {
  const TrueObjects one = {{Object(0, Square())}, {Object(0, Square())}, {Object(1, Square())}};
  const Detections found = {{{0, 0.9, Square()}}, {{0, 0.95, Square(5)}}, {}};
  const TrueObjects drawn = {one[0], one[0], one[1]};
  const Detections drawn_found = {found[0], found[0], found[1]};
  const CocoMatches matches(one, found, 2);
  const CocoScores scores = matches.Score({2, 1, 0});
  EXPECT_NEAR(*scores.map, *CocoMatches(drawn, drawn_found, 2).Score().map, kNear);
  EXPECT_FALSE(scores.by_class[1].has_value());
  EXPECT_THROW(matches.Score({1, 1}), std::logic_error);
  EXPECT_THROW(matches.Score({1, 1, -1}), std::logic_error);
}

TEST(CocoMatches, ContractsThrow) {
  EXPECT_THROW(CocoMatches({{}}, {}, 1), std::logic_error);
  EXPECT_THROW(CocoMatches({{Object(1, Square())}}, {{}}, 1), std::logic_error);
  EXPECT_THROW(CocoMatches({{}}, {{{-1, 1, Square()}}}, 1), std::logic_error);
}

// Right, wrong, right of two. 2007: precision 1 at recall 0, ..., 0.5, then 2/3 at 0.6, ..., 1.
TEST(MeasureVoc, AveragesAsTheYearsDid) {
  const TrueObjects truth = {{Object(0, Square()), Object(0, Square(40))}};
  const Detections found = {{{0, 0.9, Square()}, {0, 0.8, Square(80)}, {0, 0.7, Square(40)}}};
  EXPECT_NEAR(*MeasureVoc(truth, found, 2, VocRule::k2007).map, (6 + 5 * 2.0 / 3) / 11, kNear);
  EXPECT_NEAR(*MeasureVoc(truth, found, 2, VocRule::k2010).map, 0.5 + 0.5 * 2 / 3, kNear);
  EXPECT_FALSE(MeasureVoc(truth, found, 2, VocRule::k2010).by_class[1].has_value());
  EXPECT_EQ(*MeasureVoc(truth, {{}}, 2, VocRule::k2010).map, 0);
}

TEST(MeasureVoc, DifficultObjectsArePassedOverHoweverOften) {
  TrueObject difficult = Object(0, Square());
  difficult.difficult = true;
  const TrueObjects truth = {{difficult, Object(0, Square(40))}};
  const Detections found = {{{0, 0.9, Square()}, {0, 0.8, Square()}, {0, 0.7, Square(40)}}};
  EXPECT_NEAR(*MeasureVoc(truth, found, 1, VocRule::k2010).map, 1, kNear);
}

// VOC asks for the object that is overlapped most, COCO for the best one that is free.
TEST(MeasureVoc, TheNearestObjectDecides) {
  const TrueObjects truth = {{Object(0, Square()), Object(0, Square(4))}};
  const Detections found = {{{0, 0.9, Square()}, {0, 0.8, Square(1)}}};
  EXPECT_NEAR(*MeasureVoc(truth, found, 1, VocRule::k2010).map, 0.5, kNear);
  EXPECT_NEAR(*CocoMatches(truth, found, 1).Score().map50, 1, kNear);
}

}  // namespace
}  // namespace nacre
