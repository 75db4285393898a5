#include "task/detector_outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace nacre {
namespace {

using ::testing::HasSubstr;

constexpr PictureSize kInput{100, 50};
const Placement kSame{kInput, kInput, 0, 0};

Value Output(const std::string& name, Shape shape, DataType type = DataType::kFloat) {
  return {.name = name, .type = type, .shape = std::move(shape)};
}

TEST(DetectorOutputs, AreFoundByShapesTypesAndNames) {
  const auto decoded = FindDetectorOutputs(
      {Output("scores", {kDynamic, 1917, 4}), Output("boxes", {kDynamic, 1917, 4})});
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->boxes, 1U) << "by name where shapes do not tell";
  EXPECT_EQ(decoded->scores, 0U);
  EXPECT_FALSE(decoded->classes);
  const auto chosen = FindDetectorOutputs({Output("a", {kDynamic, 4}), Output("b", {kDynamic}),
                                           Output("c", {kDynamic}, DataType::kInt64)});
  ASSERT_TRUE(chosen) << chosen.error().message;
  EXPECT_EQ(chosen->classes, 2U);
  EXPECT_EQ(chosen->scores, 1U);
  const auto tensorflow = FindDetectorOutputs(
      {Output("num_detections", {1}), Output("detection_boxes", {1, 100, 4}),
       Output("detection_classes", {1, 100}), Output("detection_scores", {1, 100})});
  ASSERT_TRUE(tensorflow) << tensorflow.error().message;
  EXPECT_EQ(tensorflow->count, 0U);
  EXPECT_EQ(tensorflow->boxes, 1U);
  EXPECT_EQ(tensorflow->classes, 2U);
  EXPECT_EQ(tensorflow->scores, 3U);
}

TEST(DetectorOutputs, AClassifierIsNone) {
  const auto found = FindDetectorOutputs({Output("logits", {kDynamic, 10})});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::kModel);
  EXPECT_THAT(found.error().message, HasSubstr("no output holds boxes"));
  EXPECT_THAT(found.error().message, HasSubstr("'logits'"));
}

// One box from (10, 5) to (30, 20) pixels, of the second of two classes.
std::vector<Detection> ReadOne(const std::vector<float>& box, const BoxReading& reading) {
  DetectorForm form{.reading = reading, .classes = 2};
  form.outputs = {.boxes = 0, .scores = 1};
  std::vector<float> scores = reading.first_class == 1 ? std::vector<float>{0.1F, 0.0F, 0.9F}
                                                       : std::vector<float>{0.0F, 0.9F};
  const auto columns = static_cast<int64_t>(scores.size());
  const auto found =
      ReadDetections({Tensor::Floats({1, 1, 4}, box), Tensor::Floats({1, 1, columns}, scores)},
                     form, kSame, kInput);
  EXPECT_TRUE(found) << found.error().message;
  return found.value_or(std::vector<Detection>());
}

void ExpectTheBox(const std::vector<Detection>& found) {
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].label, 1);
  EXPECT_NEAR(found[0].score, 0.9, 1e-6);
  EXPECT_NEAR(found[0].box.x0, 10, 1e-4);
  EXPECT_NEAR(found[0].box.y0, 5, 1e-4);
  EXPECT_NEAR(found[0].box.x1, 30, 1e-4);
  EXPECT_NEAR(found[0].box.y1, 20, 1e-4);
}

TEST(ReadDetections, EveryOrderAndUnit) {
  ExpectTheBox(ReadOne({0.1F, 0.1F, 0.3F, 0.4F}, {}));
  ExpectTheBox(ReadOne({10, 5, 30, 20}, {.unit = BoxUnit::kPixel, .first_class = 0}));
  ExpectTheBox(ReadOne({0.1F, 0.1F, 0.4F, 0.3F}, {.order = BoxOrder::kCornersByRows}));
  ExpectTheBox(ReadOne({0.2F, 0.25F, 0.2F, 0.3F}, {.order = BoxOrder::kCentres}));
}

TEST(ReadDetections, BoxesThatTheFileChose) {
  DetectorForm form{.classes = 2};
  form.outputs = {.boxes = 0, .scores = 1, .classes = 2, .count = 3};
  const std::vector<Tensor> outputs = {
      Tensor::Floats({1, 3, 4}, {0.1F, 0.1F, 0.3F, 0.4F, 0, 0, 1, 1, 0, 0, 1, 1}),
      Tensor::Floats({1, 3}, {0.9F, 0.5F, 0.4F}), Tensor::Floats({1, 3}, {2, 7, 1}),
      Tensor::Floats({1}, {2})};
  const auto found = ReadDetections(outputs, form, kSame, kInput);
  ASSERT_TRUE(found) << found.error().message;
  ExpectTheBox(*found);  // class 7 is none of the images', and the third box does not count
}

TEST(ReadDetections, RawHeadsThroughAnchors) {
  DetectorForm form{.anchors = AnchorSet{.anchors = {{0.2, 0.25, 0.2, 0.3}}}, .classes = 2};
  form.outputs = {.boxes = 0, .scores = 1};
  const float sure = std::log(18.0F);  // of three classes: 18 / 20
  auto found = ReadDetections(
      {Tensor::Floats({1, 1, 4}, {0, 0, 0, 0}), Tensor::Floats({1, 1, 3}, {0, 0, sure})}, form,
      kSame, kInput);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 2U);  // the other class has 1 / 20
  found->pop_back();
  ExpectTheBox(*found);
  form.anchors->anchors.push_back({0.5, 0.5, 1, 1});
  const auto refused = ReadDetections(
      {Tensor::Floats({1, 1, 4}, {0, 0, 0, 0}), Tensor::Floats({1, 1, 3}, {0, 0, 5})}, form, kSame,
      kInput);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("2 anchors"));
}

TEST(PossibleReadings, ColumnsTellWhetherThereIsOneForNothing) {
  EXPECT_EQ(PossibleReadings(4, 4).size(), 6U);
  for (const BoxReading& each : PossibleReadings(4, 4)) EXPECT_EQ(each.first_class, 0);
  for (const BoxReading& each : PossibleReadings(5, 4)) EXPECT_EQ(each.first_class, 1);
  EXPECT_TRUE(PossibleReadings(7, 4).empty());
  EXPECT_EQ(PossibleReadings(0, 4).size(), 12U);
}

class AnchorFile : public ::testing::Test {
 protected:
  std::filesystem::path Write(const std::string& text) const {
    std::ofstream(path_) << text;
    return path_;
  }
  ~AnchorFile() override { std::filesystem::remove(path_); }

  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("nacre-anchors-" + std::to_string(getpid()));
};

TEST_F(AnchorFile, IsRead) {
  const auto read = ReadAnchors(Write(
      R"({"anchors": [[0.5, 0.25, 0.1, 0.2]], "box_code": {"centre_scale": 1, "size_scale": 2}})"));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->anchors.size(), 1U);
  EXPECT_EQ(read->anchors[0].height, 0.2);
  EXPECT_EQ(read->code.centre_scale, 1);
  EXPECT_EQ(read->code.size_scale, 2);
}

TEST_F(AnchorFile, ThatIsWrongIsNamedWithWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"not json", "no list of anchors"},
      {R"({"anchors": []})", "no list of anchors"},
      {R"({"anchors": [[0.5, 0.5, 0.1, 0.1], [0.5, 0.5, 0, 0.1]]})", "anchor 1 is wrong"},
      {R"({"anchors": [[0.5, 0.5, 0.1]]})", "anchor 0 is wrong"},
      {R"({"anchors": [[1, 1, 1, 1]], "box_code": {"size_scale": 0}})", "a scale of box_code"}};
  for (const auto& [text, wanted] : cases) {
    const auto read = ReadAnchors(Write(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::kData);
    EXPECT_THAT(read.error().message, HasSubstr(wanted));
    EXPECT_THAT(read.error().message, HasSubstr(path_.string()));
  }
  EXPECT_FALSE(ReadAnchors(path_.string() + "-missing"));
}

}  // namespace
}  // namespace nacre
