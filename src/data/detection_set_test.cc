#include "data/detection_set.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "testing/plain_images.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A COCO set of pictures of 4 x 4 pixels, ids from 1, with two classes.
class DetectionSetTest : public testing::Test {
 protected:
  DetectionSetTest() {
    root_ = fs::temp_directory_path() / fmt::format("nacre-detection-{}", getpid());
    fs::remove_all(root_);
    options_.preprocess.height = 8;
    options_.preprocess.width = 16;
  }
  ~DetectionSetTest() override { fs::remove_all(root_); }

  void AddImage(const std::string& size = R"("width": 4, "height": 4)") {
    ++images_;
    const std::string name = fmt::format("im{}.png", images_);
    WriteFile(root_ / "images" / name, Plain(static_cast<uint8_t>(images_), 20, 30));
    Append(image_list_, fmt::format(R"({{"id": {}, "file_name": "{}", {}}})", images_, name, size));
  }
  void AddImages(int count) {
    for (int i = 0; i < count; ++i) AddImage();
  }
  void AddObject(int image, int category, const std::string& box, int id = 0) {
    ++objects_;
    Append(object_list_,
           fmt::format(R"({{"id": {}, "image_id": {}, "category_id": {}, "bbox": [{}]}})",
                       id > 0 ? id : objects_, image, category, box));
  }
  // Objects without fault, so that a few with one are a small share.
  void AddGoodObjects(int count) {
    for (int i = 0; i < count; ++i) AddObject(1 + i % images_, 5, "1, 1, 2, 2");
  }
  Expected<DetectionSet> Read() {
    WriteFile(root_ / "annotations.json",
              fmt::format(R"({{"images": [{}], "annotations": [{}], "categories": [{}]}})",
                          image_list_, object_list_, classes_));
    return ReadDetectionSet(root_, options_, &report_);
  }
  std::string Complaint() {
    const auto set = Read();
    return set ? "none" : set.error().message;
  }
  // "count what (treatment)" of all problems.
  std::vector<std::string> Problems() {
    std::vector<std::string> problems;
    for (const AnnotationProblem& one : report_.problems) {
      problems.push_back(
          fmt::format("{} {} ({})", one.count, one.what, TreatmentName(one.treatment)));
    }
    return problems;
  }

  static void Append(std::string& list, const std::string& entry) {
    if (!list.empty()) list += ", ";
    list += entry;
  }

  fs::path root_;
  DetectionOptions options_;
  DetectionReport report_;
  std::string classes_ = R"({"id": 5, "name": "nut"}, {"id": 6, "name": "bolt"})";
  int images_ = 0, objects_ = 0;
  std::string image_list_, object_list_;
};

TEST_F(DetectionSetTest, IsReadWithItsPixels) {
  AddImages(3);
  AddObject(3, 6, "1, 0, 2, 4");
  AddObject(1, 5, "0, 0, 1, 1");
  const auto set = Read();
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->count(), 3);
  EXPECT_THAT(set->classes, ElementsAre(ObjectClass{5, "nut"}, ObjectClass{6, "bolt"}));
  EXPECT_THAT(set->objects[1], IsEmpty());
  ASSERT_THAT(set->objects[2], SizeIs(1));
  EXPECT_EQ(set->objects[2][0].label, 1);
  EXPECT_EQ(set->objects[2][0].box, (Box{1, 0, 3, 4}));
  EXPECT_EQ(set->ObjectsInInput(2)[0].box, (Box{4, 0, 12, 8}));
  EXPECT_EQ(set->ObjectsInInput(2)[0].area, 64);
  EXPECT_EQ(Pixels(set->images, 2)[0], 3);
  EXPECT_EQ(report_.form, "COCO");
  EXPECT_EQ(report_.objects, 2);
  EXPECT_THAT(DetectionNotes(report_), ElementsAre("1 of 3 images show no object"));
}

TEST_F(DetectionSetTest, SubsetsAndSplitsKeepObjectsWithTheirImages) {
  AddImages(10);
  for (int i = 1; i <= 10; ++i) AddObject(i, 5, fmt::format("0, 0, 1, {}", i / 4.0));
  const auto set = Read();
  ASSERT_TRUE(set) << set.error().message;
  const DetectionSplit split = SplitDetections(*set, 0.3, 1);
  EXPECT_EQ(split.validation.count(), 3);
  EXPECT_EQ(split.train.count(), 7);
  EXPECT_NE(split.train.images.hash, split.validation.images.hash);
  for (const DetectionSet& part : {split.train, split.validation}) {
    for (int64_t i = 0; i < part.count(); ++i)
      EXPECT_EQ(part.objects[static_cast<size_t>(i)][0].box.y1 * 4, Pixels(part.images, i)[0]);
  }
  EXPECT_EQ(SplitDetections(*set, 0.3, 1).train.images.hash, split.train.images.hash);
  EXPECT_FALSE(FindShared(split.train, split.validation)->has_value());
  const auto shared = FindShared(split.validation, *set);
  ASSERT_TRUE(shared->has_value());
  EXPECT_EQ((*shared)->count, 3);
  EXPECT_THAT(DescribeProblem(**shared), HasSubstr("(kept), for example "));
}

TEST_F(DetectionSetTest, TheHashFollowsTheAnnotations) {
  AddImages(2);
  AddGoodObjects(2);
  const std::string before = Read()->images.hash;
  EXPECT_EQ(Read()->images.hash, before);
  AddGoodObjects(1);
  EXPECT_NE(Read()->images.hash, before);
}

TEST_F(DetectionSetTest, SmallFaultsAreCountedNamedAndTreated) {
  AddImages(40);
  AddGoodObjects(200);
  AddObject(1, 5, "3, 3, 4, 1");       // reaches out
  AddObject(2, 5, "-0.001, 0, 1, 1");  // by rounding
  AddObject(1, 5, "1, 1, 0, 2");       // empty
  AddObject(1, 5, "2, 2, -1, 1");      // empty
  AddObject(1, 5, "7, 7, 1, 1");       // outside
  AddObject(99, 5, "1, 1, 1, 1");      // of no image
  AddObject(1, 77, "1, 1, 1, 1");      // of no class
  AddObject(1, 5, "1, 1, 1, 1", 3);    // an id that comes again
  fs::remove(root_ / "images" / "im40.png");
  const auto set = Read();
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->count(), 39);
  EXPECT_EQ(report_.objects, 200 + 3 - 5);  // five were on the image that is gone
  EXPECT_THAT(Problems(),
              ElementsAre("1 images without a file (skipped)",
                          "1 boxes that reach out of their image (mended)",
                          "2 empty boxes (skipped)", "1 boxes outside of their image (skipped)",
                          "1 objects of an image id that does not exist (skipped)",
                          "1 objects of a class id that does not exist (skipped)",
                          "1 object ids that come again (mended)"));
  EXPECT_THAT(DetectionNotes(report_)[2], HasSubstr("2 empty boxes (skipped), for example " +
                                                    (root_ / "images" / "im1.png").string() +
                                                    ", object 203 at [1, 1, 1, 3]; "));
  EXPECT_EQ(set->objects[0][5].box, (Box{3, 3, 4, 4}));
}

TEST_F(DetectionSetTest, ManyFaultsAreRefused) {
  AddImages(4);
  AddGoodObjects(8);
  AddObject(1, 5, "1, 1, 0, 2");
  EXPECT_THAT(Complaint(), HasSubstr("1 of 9 objects would be left out, more than 5 %: 1 empty"));
  EXPECT_THAT(Problems(), ElementsAre("1 empty boxes (skipped)"));
  fs::rename(root_ / "images" / "im2.png", root_ / "images" / "other.png");
  EXPECT_EQ(Read().error().kind, ErrorKind::kData);
  image_list_.clear();
  EXPECT_THAT(Complaint(), HasSubstr("has no images"));
}

TEST_F(DetectionSetTest, OtherSizesAndBrokenFilesAreSkipped) {
  options_.check.most_skipped = 0.9;
  AddImages(2);
  AddImage(R"("width": 8, "height": 4)");
  AddImage(R"("width": null)");
  AddImages(2);
  WriteFile(root_ / "images" / "im5.png", "no picture");
  const std::string png = Plain(1, 2, 3);
  WriteFile(root_ / "images" / "im6.png", png.substr(0, png.size() / 2));
  AddGoodObjects(2);
  const auto set = Read();
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->count(), 3);
  EXPECT_EQ(set->sizes[2], (PictureSize{4, 4}));
  EXPECT_THAT(Problems(), ElementsAre("1 images of another size than the annotations say (skipped)",
                                      "1 images that cannot be read (skipped)",
                                      "1 images that cannot be decoded (skipped)"));
  options_.check.most_skipped = 0.2;
  EXPECT_THAT(Complaint(), HasSubstr("2 of 6 images would be left out, more than 20 %"));
}

TEST_F(DetectionSetTest, ClassIdsThatAreShiftedAreRefused) {
  AddImages(2);
  AddObject(1, 4, "1, 1, 2, 2");
  AddObject(1, 5, "1, 1, 2, 2");
  EXPECT_THAT(Complaint(),
              HasSubstr("look shifted by one: 4 does not exist, and 5 would: add 1 to"));
  object_list_.clear();
  AddObject(1, 7, "1, 1, 2, 2");
  AddObject(1, 6, "1, 1, 2, 2");
  EXPECT_THAT(Complaint(), HasSubstr("7 does not exist, and 6 would: take 1 from"));
}

TEST_F(DetectionSetTest, IdsThatComeAgainAreRefused) {
  AddImages(2);
  classes_ += R"(, {"id": 5, "name": "screw"})";
  EXPECT_THAT(Complaint(), HasSubstr("1 classes whose id or name comes again (refused)"));
  classes_ = R"({"id": 5, "name": "nut"})";
  Append(image_list_, R"({"id": 2, "file_name": "again.png"})");
  EXPECT_THAT(Complaint(), HasSubstr("images whose id comes again (refused), for example"));
  classes_ = "";
  EXPECT_THAT(Complaint(), HasSubstr("has no classes"));
}

TEST_F(DetectionSetTest, BoxesInAnotherFormAreRefused) {
  AddImages(2);
  for (int i = 0; i < 4; ++i)
    AddObject(1, 5, "2, 2, 3, 3");  // corners: [2, 2, 5, 5] as COCO has it
  EXPECT_THAT(Complaint(), HasSubstr("4 of 4 boxes reach out of their image"));
}

TEST_F(DetectionSetTest, ClassesOfAnotherSetGiveTheLabels) {
  AddImages(2);
  AddObject(1, 5, "1, 1, 2, 2");
  options_.check.classes = {{1, "bolt"}, {2, "washer"}, {3, "nut"}};
  const auto set = Read();
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->objects[0][0].label, 2);
  EXPECT_EQ(set->classes, options_.check.classes);
  options_.check.classes = {{1, "bolt"}};
  EXPECT_THAT(Complaint(),
              HasSubstr("class nut is not among the 1 classes of the training images"));
}

TEST_F(DetectionSetTest, ALargeSetIsCutDown) {
  AddImages(9);
  AddGoodObjects(9);
  options_.most_images = 4;
  const auto set = Read();
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->count(), 4);
  EXPECT_THAT(set->objects, SizeIs(4));
  options_.preprocess.width = 0;
  EXPECT_THROW(Read(), std::logic_error);
}

}  // namespace
}  // namespace nacre
