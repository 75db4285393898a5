#include "task/detection_task.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace nacre {
namespace {

// Images of 100 x 100 pixels with one object each, of class 0; the last of class 1.
std::shared_ptr<const DetectionSet> SomeBoxes(int count) {
  auto set = std::make_shared<DetectionSet>();
  set->images.hash = "boxes";
  set->images.preprocess = {.height = 100, .width = 100};
  set->images.labels.resize(static_cast<size_t>(count));
  set->classes = {{1, "cat"}, {2, "dog"}};
  for (int i = 0; i < count; ++i) {
    set->sizes.push_back({100, 100});
    const Box box{10.0 + i, 10, 50.0 + i, 60};
    set->objects.push_back({{.label = i + 1 == count ? 1 : 0, .box = box, .area = box.area()}});
  }
  return set;
}

// Two boxes an image as decoded outputs: [2, 4] and scores of [2, 2].
DetectionSetup SetupFor(const std::shared_ptr<const DetectionSet>& set) {
  DetectionSetup setup;
  setup.answers = {.parts = {{.value = "boxes", .rows = 2, .columns = 4, .seen_in = 1},
                             {.value = "scores", .rows = 2, .columns = 2}}};
  setup.heads = {{1, 2, 4}, {1, 2, 2}};
  setup.detector.outputs = {.boxes = 0, .scores = 1};
  setup.detector.reading = {.unit = BoxUnit::kPixel, .first_class = 0};
  setup.detector.classes = 2;
  setup.known = [set](const std::string& hash) { return hash == "boxes" ? set : nullptr; };
  return setup;
}

// What a detector answers that finds every object but the first `missed`.
Tensor AnswersTo(const DetectionSet& set, size_t missed) {
  std::vector<float> all;
  for (size_t i = 0; i < set.objects.size(); ++i) {
    const TrueObject& object = set.objects[i][0];
    const Box& box = object.box;
    for (const double side : {box.x0, box.y0, box.x1, box.y1})
      all.push_back(static_cast<float>(side));
    all.insert(all.end(), 4, 0.0F);
    const bool found = i >= missed;
    all.insert(all.end(), {found && object.label == 0 ? 0.9F : 0.0F,
                           found && object.label == 1 ? 0.9F : 0.0F, 0.0F, 0.0F});
  }
  return Tensor::Floats({static_cast<int64_t>(set.objects.size()), 12}, all);
}

TEST(DetectionTask, AllFoundIsOne) {
  const auto set = SomeBoxes(20);
  const DetectionTask task(SetupFor(set));
  const auto judged = task.Judge(AnswersTo(*set, 0), set->images);
  ASSERT_TRUE(judged) << judged.error().message;
  EXPECT_NEAR(judged->value, 1, 1e-9);
  EXPECT_EQ(task.Measure(judged->record, set->images).images, 20);
}

TEST(DetectionTask, WhatIsMissedIsLost) {
  const auto set = SomeBoxes(20);
  const DetectionTask task(SetupFor(set));
  const auto all = task.Judge(AnswersTo(*set, 0), set->images);
  const auto some = task.Judge(AnswersTo(*set, 5), set->images);
  ASSERT_TRUE(all && some);
  // 14 of the 19 of class 0 are found: precision is 1 up to a recall of 14 / 19, which is 74 of 101
  // points; class 1 has all.
  const double expected = (74.0 / 101 + 1) / 2;
  EXPECT_NEAR(some->value, expected, 1e-9);
  const Accuracy measured = task.Measure(some->record, set->images);
  EXPECT_EQ(measured.value, some->value);
  EXPECT_LT(measured.low, expected - 0.02);
  EXPECT_GT(measured.high, expected + 0.02);
  const Drop drop = task.Compare(all->record, some->record, set->images, {});
  EXPECT_NEAR(drop.value, 1 - expected, 1e-9);
  EXPECT_LT(drop.low, drop.value);
  EXPECT_GT(drop.high, drop.value);
  const Drop points = task.Compare(some->record, all->record, set->images, {.in_points = true});
  EXPECT_NEAR(points.value, expected - 1, 1e-9);
  const Drop none = task.Compare(all->record, all->record, set->images, {});
  EXPECT_EQ(none.high, 0) << "equal answers lose nothing in any draw";
}

TEST(DetectionTask, TheTailGetsTheHeadsInTheirShapes) {
  const auto set = SomeBoxes(3);
  DetectionSetup setup = SetupFor(set);
  int calls = 0;
  setup.tail = [&calls](const std::vector<Tensor>& heads) -> Expected<std::vector<Tensor>> {
    ++calls;
    EXPECT_EQ(heads.at(0).shape(), (Shape{1, 2, 4}));
    EXPECT_EQ(heads.at(1).shape(), (Shape{1, 2, 2}));
    return heads;
  };
  const DetectionTask task(setup);
  const auto judged = task.Judge(AnswersTo(*set, 0), set->images);
  ASSERT_TRUE(judged);
  EXPECT_EQ(calls, 3);
  EXPECT_NEAR(judged->value, 1, 1e-9);
}

TEST(DetectionTask, MapsOfClassesAreGivenBackClassesFirst) {
  const auto set = SomeBoxes(1);
  DetectionSetup setup = SetupFor(set);
  setup.answers = {
      .parts = {{.value = "map", .kind = AnswerKind::kClasses, .rows = 2, .columns = 3}}};
  setup.heads = {{1, 3, 1, 2}};
  const DetectionTask task(setup);
  const auto outputs = task.OutputsOf(Tensor::Floats({1, 6}, {0, 1, 2, 10, 11, 12}));
  ASSERT_TRUE(outputs);
  const auto floats = outputs->at(0).at(0).ToFloats();
  EXPECT_EQ(floats, (std::vector<float>{0, 10, 1, 11, 2, 12}));
}

TEST(DetectionTask, ByPascalVocsRule) {
  const auto set = SomeBoxes(20);
  DetectionSetup setup = SetupFor(set);
  setup.metric = BoxMetric::kVoc2010;
  const DetectionTask task(setup);
  const auto some = task.Judge(AnswersTo(*set, 5), set->images);
  ASSERT_TRUE(some);
  EXPECT_NEAR(some->value, (14.0 / 19 + 1) / 2, 1e-9);
}

TEST(DetectionTask, ASetThatIsNotKnownIsABrokenContract) {
  const auto set = SomeBoxes(2);
  const DetectionTask task(SetupFor(set));
  ImageSet other = set->images;
  other.hash = "others";
  EXPECT_THROW((void)task.Judge(AnswersTo(*set, 0), other), std::logic_error);
}

TEST(DetectionRecord, ReadsBackToTheSameDetections) {
  const Detections detections = {{{.label = 1, .score = 0.25, .box = {1, 2, 3, 4.5}}},
                                 {},
                                 {{.label = 0, .score = 1, .box = {0, 0, 9, 9}},
                                  {.label = 2, .score = 0.5, .box = {5, 5, 6, 6}}}};
  const Detections again = DetectionsIn(RecordOf(detections));
  ASSERT_EQ(again.size(), 3U);
  EXPECT_TRUE(again[1].empty());
  ASSERT_EQ(again[2].size(), 2U);
  EXPECT_EQ(again[0][0].box, detections[0][0].box);
  EXPECT_EQ(again[2][1].label, 2);
  EXPECT_EQ(again[2][0].score, 1);
  EXPECT_THROW((void)DetectionsIn("abcdef"), std::logic_error);
}

}  // namespace
}  // namespace nacre
