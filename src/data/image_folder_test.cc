#include "data/image_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "testing/plain_images.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ImageFolder : public ::testing::Test {
 protected:
  ImageFolder() {
    root_ = fs::temp_directory_path() / ("nacre-image-folder-" + std::to_string(getpid()));
    fs::remove_all(root_);
    options_.preprocess.height = options_.preprocess.width = 4;
  }
  ~ImageFolder() override { fs::remove_all(root_); }

  // `count` images in each of two classes, each of its own colour.
  void TwoClasses(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string name = "im" + std::to_string(100 + i) + ".png";
      WriteFile(root_ / "ant" / name, Plain(10, static_cast<uint8_t>(i), 30));
      WriteFile(root_ / "bee" / name, Plain(200, static_cast<uint8_t>(i), 30));
    }
  }

  std::string Failure() {
    const auto set = LoadImageFolder(root_, options_, &report_);
    if (set) return "loaded";
    EXPECT_EQ(set.error().kind, ErrorKind::kData);
    return set.error().message;
  }

  fs::path root_;
  LoadOptions options_;
  LoadReport report_;
};

TEST_F(ImageFolder, LoadsInOrderOfThePathsWithSortedClasses) {
  TwoClasses(3);
  const auto set = LoadImageFolder(root_, options_, &report_);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_THAT(set->classes, ElementsAre("ant", "bee"));
  EXPECT_THAT(set->labels, ElementsAre(0, 0, 0, 1, 1, 1));
  EXPECT_EQ(Pixels(*set, 0)[0], 10);
  EXPECT_EQ(Pixels(*set, 1)[16], 1);  // green plane of the second image
  EXPECT_EQ(report_.loaded, 6);
  EXPECT_THAT(report_.broken, SizeIs(0));
}

TEST_F(ImageFolder, ConvertsColors) {
  WriteFile(root_ / "a" / "x.png", Plain(200, 100, 50));
  options_.preprocess.color = ColorOrder::kBgr;
  EXPECT_EQ(Pixels(*LoadImageFolder(root_, options_, nullptr), 0)[0], 50);
  options_.preprocess.color = ColorOrder::kGray;
  const auto gray = LoadImageFolder(root_, options_, nullptr);
  EXPECT_EQ(gray->channels, 1);
  EXPECT_EQ(Pixels(*gray, 0), std::vector<uint8_t>(16, 124));  // .299 R + .587 G + .114 B
}

TEST_F(ImageFolder, NamesAndCountsBrokenFiles) {
  TwoClasses(5);
  WriteFile(root_ / "ant" / "empty.jpg", "");
  WriteFile(root_ / "ant" / "text.jpg", "no image");
  WriteFile(root_ / "bee" / "cut.png", Plain(1, 2, 3).substr(0, 60));
  WriteFile(root_ / "bee" / "cut.jpg", std::string("\xff\xd8\xff\xe0\0\x10JFIF", 10));
  WriteFile(root_ / "bee" / ".DS_Store", "passed over");
  options_.most_broken = 0.5;
  const auto set = LoadImageFolder(root_, options_, &report_);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->count(), 10);
  ASSERT_THAT(report_.broken, SizeIs(4));
  EXPECT_THAT(report_.broken[0], EndsWith("ant/empty.jpg: empty file"));
  EXPECT_THAT(report_.broken[1], EndsWith("ant/text.jpg: neither JPEG nor PNG"));
  EXPECT_THAT(report_.broken[2], EndsWith("bee/cut.jpg: has no pixels"));
  EXPECT_THAT(report_.broken[3], HasSubstr("bee/cut.png: damaged PNG"));
  EXPECT_EQ(Pixels(*set, 5)[0], 200);  // the images behind the broken ones moved up
  options_.most_broken = 0.05;
  EXPECT_THAT(Failure(), HasSubstr("4 of 14 files in"));
}

TEST_F(ImageFolder, EachUnusableFolderIsAnErrorWithARemedy) {
  EXPECT_THAT(Failure(), HasSubstr("No such file or directory: check the path"));
  WriteFile(root_, "a file");
  EXPECT_THAT(Failure(), HasSubstr("is not a folder"));
  fs::remove(root_);
  fs::create_directories(root_);
  EXPECT_THAT(Failure(), HasSubstr("has no class folders"));
  fs::create_directories(root_ / "ant");
  EXPECT_THAT(Failure(), HasSubstr("are empty"));
  WriteFile(root_ / "train" / "ant" / "x.png", Plain(1, 2, 3));
  EXPECT_THAT(Failure(), EndsWith("for example " + (root_ / "train").string()));
}

TEST_F(ImageFolder, CountsMustFit) {
  TwoClasses(2);
  options_.expected_classes = 10;
  EXPECT_THAT(Failure(), HasSubstr("the model has 10 outputs but " + root_.string() + " has 2"));
  options_.expected_classes = 2;
  options_.least_images = 5;
  EXPECT_THAT(Failure(), HasSubstr("has 4 images, but at least 5 are needed"));
  options_.least_images = 4;
  EXPECT_EQ(Failure(), "loaded");
  fs::create_directories(root_ / "wasp");
  options_.expected_classes = 0;
  EXPECT_THAT(Failure(), HasSubstr("wasp has no readable image"));
}

TEST_F(ImageFolder, TakesTheLabelsOfAnotherSetAndNamesWhatItLacks) {
  TwoClasses(2);
  options_.classes = {"ant", "asp", "bee"};
  options_.expected_classes = 3;
  const auto set = LoadImageFolder(root_, options_, &report_);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->classes, options_.classes);
  EXPECT_THAT(set->labels, ElementsAre(0, 0, 2, 2));
  EXPECT_THAT(report_.missing, ElementsAre("asp"));
}

TEST_F(ImageFolder, AClassThatTheOtherSetDoesNotHaveIsNamed) {
  TwoClasses(1);
  options_.classes = {"ant", "wasp"};
  EXPECT_THAT(Failure(), HasSubstr((root_ / "bee").string() + " is not among the 2 classes"));
}

TEST_F(ImageFolder, AFolderOfTheOtherSetsClassNeedsAnImageAllTheSame) {
  TwoClasses(1);
  fs::create_directories(root_ / "cow");
  options_.classes = {"ant", "bee", "cow"};
  EXPECT_THAT(Failure(), HasSubstr("cow"));
}

TEST_F(ImageFolder, FilesWithoutLabelsAreFoundInAnyFolder) {
  WriteFile(root_ / "b.png", Plain(1, 2, 3));
  WriteFile(root_ / "inner" / "deeper" / "a.png", Plain(4, 5, 6));
  WriteFile(root_ / ".hidden.png", Plain(7, 8, 9));
  fs::create_directory_symlink(root_, root_ / "inner" / "loop");
  options_.unlabelled = true;
  const auto set = LoadImageFolder(root_, options_, &report_);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_THAT(set->classes, ElementsAre(kUnlabelled));
  EXPECT_THAT(set->labels, ElementsAre(0, 0));
  EXPECT_EQ(Pixels(*set, 0)[0], 1) << "in the order of the paths";
  fs::remove_all(root_);
  fs::create_directories(root_ / "empty");
  EXPECT_THAT(Failure(), HasSubstr("holds no files: give a folder with images"));
}

TEST_F(ImageFolder, LinksToWhatIsThereAlreadyDoNotCountAndOthersDo) {
  TwoClasses(2);
  const fs::path outside = root_.string() + "-outside";
  WriteFile(outside / "x.png", Plain(1, 2, 3));
  fs::create_directory_symlink(".", root_ / "self");
  fs::create_directory_symlink(root_ / "ant", root_ / "cat");
  fs::create_directory_symlink("..", root_ / "ant" / "up");
  fs::create_symlink("im100.png", root_ / "ant" / "twice.png");
  fs::create_symlink(outside / "x.png", root_ / "bee" / "x.png");
  fs::create_directory_symlink(outside, root_ / "dog");
  const auto set = LoadImageFolder(root_, options_, &report_);
  fs::remove_all(outside);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_THAT(set->classes, ElementsAre("ant", "bee", "dog"));
  EXPECT_THAT(set->labels, ElementsAre(0, 0, 1, 1, 1, 2));
  EXPECT_THAT(report_.links, SizeIs(4));
}

TEST_F(ImageFolder, ALinkThatLeadsNowhereIsBroken) {
  TwoClasses(2);
  fs::create_symlink("gone.png", root_ / "ant" / "dangling.png");
  options_.most_broken = 0.5;
  ASSERT_TRUE(LoadImageFolder(root_, options_, &report_));
  EXPECT_THAT(report_.broken, ElementsAre(EndsWith("dangling.png: a link that leads nowhere")));
}

TEST_F(ImageFolder, AClassOfWhichNoImageCanBeReadIsNamed) {
  TwoClasses(9);
  for (int i = 0; i < 9; ++i)
    WriteFile(root_ / "bee" / ("im" + std::to_string(100 + i) + ".png"), "no image");
  options_.most_broken = 0.9;
  EXPECT_THAT(Failure(), HasSubstr((root_ / "bee").string() + " has no readable image"));
}

TEST_F(ImageFolder, RefusesMemoryForLessThanABatch) {
  TwoClasses(2);
  options_.most_memory = Bytes{4 * 48 - 1};
  EXPECT_THAT(Failure(), HasSubstr("a batch of 4 images of 48 bytes"));
  options_.most_memory = Bytes{4 * 48};
  EXPECT_EQ(Failure(), "loaded");
  options_.most_memory = {};
  options_.preprocess.height = options_.preprocess.width = 1 << 22;  // 192 TiB
  EXPECT_THAT(Failure(), HasSubstr("give more (--data-memory)"));
}

TEST_F(ImageFolder, ProgressEndsAtOne) {
  TwoClasses(4);
  std::vector<double> told;
  options_.progress = [&](double fraction) { told.push_back(fraction); };
  ASSERT_TRUE(LoadImageFolder(root_, options_, nullptr));
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_EQ(told.back(), 1.0);
}

TEST_F(ImageFolder, TheHashIsThatOfTheContentsWhereThatIsAsked) {
  TwoClasses(2);
  options_.hash = DataHash::kContent;
  const std::string before = LoadImageFolder(root_, options_, nullptr)->hash;
  EXPECT_EQ(LoadImageFolder(root_, options_, nullptr)->hash, before);
  LoadOptions shifted = options_;
  shifted.preprocess.mean = {0.5, 0.5, 0.5};
  EXPECT_NE(LoadImageFolder(root_, shifted, nullptr)->hash, before);
  WriteFile(root_ / "ant" / "im100.png", Plain(11, 0, 30));
  EXPECT_NE(LoadImageFolder(root_, options_, nullptr)->hash, before);
}

TEST_F(ImageFolder, TheHashIsThatOfNamesSizesAndTimes) {
  TwoClasses(2);
  const std::string before = LoadImageFolder(root_, options_, nullptr)->hash;
  EXPECT_EQ(LoadImageFolder(root_, options_, nullptr)->hash, before);
  LoadOptions shifted = options_;
  shifted.orientation = Orientation::kFile;
  EXPECT_NE(LoadImageFolder(root_, shifted, nullptr)->hash, before);
  const fs::path image = root_ / "ant" / "im100.png";
  const auto time = fs::last_write_time(image);
  fs::last_write_time(image, time + std::chrono::seconds(1));
  EXPECT_NE(LoadImageFolder(root_, options_, nullptr)->hash, before);
  fs::last_write_time(image, time);
  EXPECT_EQ(LoadImageFolder(root_, options_, nullptr)->hash, before);
  fs::rename(image, root_ / "ant" / "im099.png");
  EXPECT_NE(LoadImageFolder(root_, options_, nullptr)->hash, before);
}

TEST_F(ImageFolder, AtMostSoManyImagesAreTakenBalancedOverTheClasses) {
  TwoClasses(5);
  options_.most_images = 6;
  const auto set = LoadImageFolder(root_, options_, &report_);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(std::count(set->labels.begin(), set->labels.end(), 0), 3);
  EXPECT_EQ(set->count(), 6);
  const std::string hash = set->hash;
  EXPECT_EQ(LoadImageFolder(root_, options_, nullptr)->hash, hash);
  options_.seed = 1;
  EXPECT_NE(LoadImageFolder(root_, options_, nullptr)->hash, hash);
}

TEST_F(ImageFolder, SplitIsStratifiedDisjointAndSeeded) {
  TwoClasses(20);
  const ImageSet set = *LoadImageFolder(root_, options_, nullptr);
  const Split split = SplitByClass(set, 0.2, 7);
  EXPECT_EQ(std::count(split.validation.labels.begin(), split.validation.labels.end(), 0), 4);
  EXPECT_EQ(split.validation.count(), 8);
  EXPECT_EQ(split.train.count(), 32);
  std::set<std::pair<int, int>> seen;  // class and green value name an image
  for (const ImageSet* part : {&split.train, &split.validation}) {
    for (int64_t i = 0; i < part->count(); ++i) {
      seen.emplace(part->labels[i], Pixels(*part, i)[16]);
    }
  }
  EXPECT_THAT(seen, SizeIs(40));
  EXPECT_EQ(SplitByClass(set, 0.2, 7).validation.hash, split.validation.hash);
  EXPECT_NE(SplitByClass(set, 0.2, 8).validation.hash, split.validation.hash);
  EXPECT_EQ(SplitByClass(set, 0, 7).validation.count(), 2);  // one a class at least
  EXPECT_EQ(SplitByClass(set, 1, 7).train.count(), 2);
}

TEST_F(ImageFolder, SampleIsBalancedAndSeeded) {
  TwoClasses(10);
  const ImageSet set = *LoadImageFolder(root_, options_, nullptr);
  const ImageSet sample = Sample(set, 7, 1);
  EXPECT_THAT(sample.labels, ElementsAre(0, 1, 0, 1, 0, 1, 0));
  EXPECT_EQ(Sample(set, 7, 1).hash, sample.hash);
  EXPECT_NE(Sample(set, 7, 2).hash, sample.hash);
  EXPECT_EQ(Sample(set, 1000, 1).count(), 20);
}

}  // namespace
}  // namespace nacre
