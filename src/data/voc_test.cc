#include "data/voc.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace nacre::data_internal {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Object(const std::string& name, const std::string& box, const std::string& more = "") {
  return fmt::format("<object><name>{}</name>{}<bndbox>{}</bndbox></object>", name, more, box);
}

std::string Sides(const char* x0, const char* y0, const char* x1, const char* y1) {
  return fmt::format("<xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax>", x0, y0, x1,
                     y1);
}

std::string Image(const std::string& objects) {
  return "<annotation><size><width>20</width><height>10</height></size>" + objects +
         "</annotation>";
}

std::string Complaint(const std::string& xml) {
  const auto parsed = ParseVoc(xml, "a.xml");
  if (parsed) return "none";
  EXPECT_EQ(parsed.error().kind, ErrorKind::kData);
  return parsed.error().message;
}

TEST(ParseVoc, PixelsAreCountedFromOne) {
  const auto image =
      ParseVoc(Image(Object("cat", Sides("1", "3", "20", "10")) +
                     Object("dog", Sides("0", " 2.5 ", "4", "5"), "<difficult>1</difficult>")),
               "a.xml");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width, 20);
  EXPECT_EQ(image->height, 10);
  ASSERT_EQ(image->objects.size(), 2u);
  EXPECT_EQ(image->objects[0].name, "cat");
  EXPECT_EQ(image->objects[0].object.box, (Box{0, 2, 20, 10}));
  EXPECT_EQ(image->objects[0].object.area, 160);
  EXPECT_FALSE(image->objects[0].object.difficult);
  EXPECT_EQ(image->objects[1].object.box, (Box{0, 1.5, 4, 5}));
  EXPECT_TRUE(image->objects[1].object.difficult);
}

TEST(ParseVoc, NamesTheObjectThatIsWrong) {
  const std::string good = Object("cat", Sides("1", "1", "2", "2"));
  EXPECT_THAT(Complaint("<annotation"), HasSubstr("a.xml is not XML"));
  EXPECT_THAT(Complaint("<a/>"), HasSubstr("no <annotation>"));
  EXPECT_THAT(Complaint(Image(good + "<object/>")), HasSubstr("a.xml: object 2 has no <name>"));
  EXPECT_THAT(Complaint(Image(good + "<object><name>x</name></object>")),
              HasSubstr("object 2 has no <bndbox> with <xmin>"));
  for (const char* side : {"nan", "inf", "", "1px", "1e300", "0x10", "1,5"}) {
    EXPECT_THAT(Complaint(Image(Object("cat", Sides("1", "1", side, "2")))),
                HasSubstr("object 1: <xmax> is \""))
        << side;
  }
  EXPECT_THAT(Complaint("<annotation><size><width>-4</width></size></annotation>"),
              HasSubstr("<width> of <size>"));
}

TEST(ParseVoc, NoEntityIsExpandedOrFetched) {
  const std::string bomb =
      "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\"><!ENTITY y \"&x;&x;\">]>" +
      Image(Object("&y;", Sides("1", "1", "2", "2")));
  const auto image = ParseVoc(bomb, "a.xml");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->objects[0].name, "&y;");
}

TEST(ParseVoc, DeepNestingIsHarmless) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  EXPECT_THAT(Complaint("<annotation>" + deep), HasSubstr("is not XML"));
}

class ReadVocFolder : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / fmt::format("nacre_voc_{}", ::getpid());
    for (const char* folder : {"Annotations", "JPEGImages", "ImageSets/Main"})
      fs::create_directories(root_ / folder);
    Write("Annotations/b.xml", Image(Object("dog", Sides("1", "1", "2", "2"))));
    Write("Annotations/a.xml", Image(Object("dog", Sides("1", "1", "2", "2")) +
                                     Object("cat", Sides("1", "1", "3", "3"))));
    Write("JPEGImages/b.png", "");
    Write("ImageSets/Main/val.txt", "b  1\r\n\nb -1\n");
    Write("ImageSets/Main/bad.txt", "b\n../../b\n");
    Write("ImageSets/Main/gone.txt", "c\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(root_ / name) << text;
  }

  fs::path root_;
};

TEST_F(ReadVocFolder, IsRecognisedAndNumbered) {
  const auto found = ReadAnnotations(root_);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->form, "Pascal VOC");
  EXPECT_THAT(found->classes, ElementsAre(ObjectClass{1, "cat"}, ObjectClass{2, "dog"}));
  ASSERT_EQ(found->images.size(), 2u);
  EXPECT_EQ(found->images[0].path, (root_ / "JPEGImages/a.jpg").string());
  EXPECT_EQ(found->images[1].path, (root_ / "JPEGImages/b.png").string());
  ASSERT_EQ(found->objects.size(), 3u);
  EXPECT_EQ(found->objects[0].category, 2);
  EXPECT_EQ(found->objects[1].category, 1);
  EXPECT_EQ(found->objects[2].image, found->images[1].id);
}

TEST_F(ReadVocFolder, AListChoosesImages) {
  const auto found = ReadAnnotations(root_ / "ImageSets/Main/val.txt");
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->images.size(), 1u);
  ASSERT_EQ(found->objects.size(), 1u);
  EXPECT_EQ(found->objects[0].category, 2);
  EXPECT_THAT(found->classes, ElementsAre(ObjectClass{1, "cat"}, ObjectClass{2, "dog"}));
  EXPECT_NE(found->hash, ReadAnnotations(root_)->hash);
}

TEST_F(ReadVocFolder, ListsNameImagesOnly) {
  const auto bad = ReadAnnotations(root_ / "ImageSets/Main/bad.txt");
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("bad.txt, line 2: \"../../b\" is not the name"));
  const auto gone = ReadAnnotations(root_ / "ImageSets/Main/gone.txt");
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().message, HasSubstr("c.xml"));
}

TEST_F(ReadVocFolder, OtherPathsAreRefusedWithAHint) {
  EXPECT_THAT(ReadAnnotations(root_ / "nothing").error().message, HasSubstr("does not exist"));
  EXPECT_THAT(ReadAnnotations(root_ / "JPEGImages").error().message,
              HasSubstr("holds no annotations"));
  EXPECT_THAT(ReadAnnotations(root_ / "JPEGImages/b.png").error().message,
              HasSubstr("is no file of annotations"));
  Write("JPEGImages/one.json", "{}");
  EXPECT_THAT(ReadAnnotations(root_ / "JPEGImages").error().message,
              HasSubstr("has no \"images\""));
  Write("JPEGImages/two.json", "{}");
  EXPECT_THAT(ReadAnnotations(root_ / "JPEGImages").error().message, HasSubstr("2 JSON files"));
}

}  // namespace
}  // namespace nacre::data_internal
