#include "data/coco.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nacre::data_internal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kClasses[] =
    R"("categories": [{"id": 7, "name": "nut"}, {"id": 3, "name": "bolt"}])";

std::string File(const std::string& images, const std::string& objects) {
  return fmt::format(
      R"({{"info": {{"a": [1, {{"b": 2}}]}}, "annotations": [{}], "images": [{}], {}}})", objects,
      images, kClasses);
}

Expected<Annotations> Parse(const std::string& json) { return ParseCoco(json, "f.json", "/set"); }

std::string Complaint(const std::string& json) {
  const auto parsed = Parse(json);
  if (parsed) return "none";
  EXPECT_EQ(parsed.error().kind, ErrorKind::kData);
  EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos);
  return parsed.error().message;
}

TEST(ParseCoco, ReadsWhatDetectionNeeds) {
  const auto found =
      Parse(File(R"({"id": 5, "file_name": "sub/b.jpg", "width": 40.0, "height": 30, "x": [[[1]]]},
                    {"id": 2, "file_name": "a.png"})",
                 R"({"id": 1, "image_id": 5, "category_id": 3, "bbox": [1.5, 2, 10, 20],
                     "area": 99, "iscrowd": 1, "segmentation": [[1, 2, 3, 4]]},
                    {"image_id": 2, "category_id": 7, "bbox": [0, 0, 4, 5]})"));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(found->classes, ElementsAre(ObjectClass{3, "bolt"}, ObjectClass{7, "nut"}));
  ASSERT_EQ(found->images.size(), 2u);
  EXPECT_EQ(found->images[0].path, "/set/a.png");
  EXPECT_EQ(found->images[0].width, 0);
  EXPECT_EQ(found->images[1].id, 5);
  EXPECT_EQ(found->images[1].width, 40);
  ASSERT_EQ(found->objects.size(), 2u);
  EXPECT_EQ(found->objects[0].box, (Box{1.5, 2, 11.5, 22}));
  EXPECT_EQ(found->objects[0].area, 99);
  EXPECT_TRUE(found->objects[0].crowd);
  EXPECT_EQ(found->objects[1].area, 20);
  EXPECT_FALSE(found->objects[1].crowd);
}

TEST(ParseCoco, HashFollowsTheBytes) {
  EXPECT_EQ(Parse(File("", ""))->hash, Parse(File("", ""))->hash);
  EXPECT_NE(Parse(File("", ""))->hash, Parse(File("", " "))->hash);
}

TEST(ParseCoco, NamesTheEntryThatIsWrong) {
  const std::string good = R"({"image_id": 1, "category_id": 3, "bbox": [0, 0, 1, 1]})";
  const auto object = [&](const std::string& entry) {
    return Complaint(File("", good + "," + entry));
  };
  EXPECT_THAT(object("{}"), HasSubstr("f.json annotations[1] has no \"image_id\""));
  EXPECT_THAT(object("3"), HasSubstr("annotations[1] is a single value, not an object"));
  EXPECT_THAT(object("[{}]"), HasSubstr("annotations[1] is a list, not an object"));
  EXPECT_THAT(object(R"({"image_id": "1"})"), HasSubstr("\"image_id\" that is not a number"));
  EXPECT_THAT(object(R"({"image_id": 1.5})"), HasSubstr("not a whole number"));
  EXPECT_THAT(object(R"({"image_id": 1e300})"), HasSubstr("at most 2^53"));
  EXPECT_THAT(object(R"({"image_id": 1, "category_id": 3, "bbox": [0, 0, 1]})"),
              HasSubstr("four numbers"));
  EXPECT_THAT(object(R"({"image_id": 1, "category_id": 3, "bbox": [0, 0, 1, null]})"),
              HasSubstr("\"bbox\" that is not a number"));
  EXPECT_THAT(object(R"({"image_id": 1, "category_id": 3, "bbox": {"x": 1}})"),
              HasSubstr("four numbers"));
}

TEST(ParseCoco, PathsStayInTheFolder) {
  for (const char* name : {"../a.jpg", "/etc/passwd", "a/../../b.jpg", "", "a\\u0000.jpg"}) {
    EXPECT_THAT(Complaint(File(fmt::format(R"({{"id": 1, "file_name": "{}"}})", name), "")),
                HasSubstr("no path inside the folder"))
        << name;
  }
}

TEST(ParseCoco, OtherFilesAreRefused) {
  EXPECT_THAT(Complaint("[]"), HasSubstr("is a list"));
  EXPECT_THAT(Complaint("3"), HasSubstr("is a single value"));
  EXPECT_THAT(Complaint(""), HasSubstr("is not JSON"));
  EXPECT_THAT(Complaint("{\"images\": []}"), HasSubstr("has no \"annotations\""));
  EXPECT_THAT(Complaint("{\"images\": {\"a\": {\"id\": 1}}}"), HasSubstr("as an object"));
  EXPECT_THAT(Complaint("{\"images\": 4}"), HasSubstr("as a single value"));
  EXPECT_THAT(Complaint(File("", R"({"image_id": NaN})")), HasSubstr("without NaN"));
  EXPECT_THAT(Complaint(File("", R"({"image_id": 1e999})")), HasSubstr("is not JSON"));
}

TEST(ParseCoco, DepthAndEntriesAreBounded) {
  EXPECT_THAT(Complaint("{\"x\": " + std::string(1'000'000, '[')), HasSubstr("nested deeper"));
  std::string many = "1";
  for (int i = 0; i < 100'000; ++i) many += ",1";
  EXPECT_THAT(Complaint(File("", R"({"image_id": 1, "category_id": 3, "bbox": [)" + many + "]}")),
              HasSubstr("four numbers"));
}

}  // namespace
}  // namespace nacre::data_internal
