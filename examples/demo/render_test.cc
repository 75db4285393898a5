#include "examples/demo/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "base/hash.h"
#include "data/image_folder.h"
#include "examples/demo/scene.h"
#include "examples/demo/shapes.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string Bytes(const std::vector<uint8_t>& pixels) {
  return {reinterpret_cast<const char*>(pixels.data()), pixels.size()};
}

TEST(DirectionOf, IsCosineAndSine) {
  for (double turn = 0; turn < 1; turn += 0.01) {
    EXPECT_NEAR(DirectionOf(turn).cosine, std::cos(turn * 2 * M_PI), 1e-8);
    EXPECT_NEAR(DirectionOf(turn).sine, std::sin(turn * 2 * M_PI), 1e-8);
  }
}

TEST(ShapeHolds, ShapesAreOfComparableAreaWithinTheUnitCircle) {
  for (int shape = 0; shape < kShapeCount; ++shape) {
    int inside = 0;
    for (double y = -1.2; y < 1.2; y += 0.02) {
      for (double x = -1.2; x < 1.2; x += 0.02) {
        const bool holds = ShapeHolds(shape, x, y);
        inside += holds;
        EXPECT_TRUE(!holds || x * x + y * y < 1.13) << kShapeNames[static_cast<size_t>(shape)];
      }
    }
    EXPECT_GT(inside * 0.0004, 1.1) << kShapeNames[static_cast<size_t>(shape)];
    EXPECT_LT(inside * 0.0004, 2.5) << kShapeNames[static_cast<size_t>(shape)];
  }
}

// The hash was recorded once; it must not depend on machine, compiler or optimisation.
TEST(RenderScene, GivesTheSameBytesEverywhere) {
  std::string all;
  for (int shape = 0; shape < kShapeCount; ++shape) {
    all += Bytes(RenderScene(shape, 32, Random(static_cast<uint64_t>(shape))));
  }
  EXPECT_EQ(all.size(), 10u * 32 * 32 * 3);
  EXPECT_EQ(HashBytes(all), "35dabab0491980997053b37c4c1765c9");
}

TEST(RenderScene, ScalesWithTheSize) {
  EXPECT_EQ(RenderScene(3, 64, Random(1)).size(), 64u * 64 * 3);
  EXPECT_NE(RenderScene(3, 32, Random(1)), RenderScene(3, 32, Random(2)));
}

class RenderShapesTest : public ::testing::Test {
 protected:
  RenderShapesTest() {
    folder_ = fs::temp_directory_path() / ("nacre-render-" + std::to_string(getpid()));
    fs::remove_all(folder_);
  }
  ~RenderShapesTest() override { fs::remove_all(folder_); }

  std::string File(const fs::path& relative) const {
    std::ifstream file(folder_ / relative, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }

  fs::path folder_;
  RenderOptions few_{.classes = 3, .train_per_class = 4, .test_per_class = 2};
};

TEST_F(RenderShapesTest, WritesAFolderThatLoads) {
  ASSERT_TRUE(RenderShapes(folder_, few_));
  LoadOptions options{.expected_classes = 3};
  options.preprocess.height = options.preprocess.width = 32;
  const auto train = LoadImageFolder(folder_ / "train", options, nullptr);
  ASSERT_TRUE(train) << train.error().message;
  EXPECT_EQ(train->count(), 12);
  EXPECT_THAT(train->classes, testing::ElementsAre("circle", "square", "triangle"));
  EXPECT_EQ(LoadImageFolder(folder_ / "test", options, nullptr)->count(), 6);
  EXPECT_NE(File("train/circle/00000.png"), File("test/circle/00000.png"));
}

TEST_F(RenderShapesTest, ALargerSetBeginsWithTheSmaller) {
  ASSERT_TRUE(RenderShapes(folder_, few_));
  const std::string before = File("train/square/00003.png");
  ASSERT_FALSE(before.empty());
  fs::remove_all(folder_);
  few_.train_per_class = 6;
  few_.classes = 5;
  ASSERT_TRUE(RenderShapes(folder_, few_));
  EXPECT_EQ(File("train/square/00003.png"), before);
  fs::remove_all(folder_);
  few_.seed = 2;
  ASSERT_TRUE(RenderShapes(folder_, few_));
  EXPECT_NE(File("train/square/00003.png"), before);
}

TEST_F(RenderShapesTest, RefusesWhatItCannotDo) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "mine") << "x";
  EXPECT_THAT(RenderShapes(folder_, few_).error().message, HasSubstr("is not empty"));
  EXPECT_TRUE(fs::exists(folder_ / "mine"));
  EXPECT_THAT(RenderShapes(folder_ / "mine" / "deeper", few_).error().message,
              HasSubstr("cannot write"));
  few_.classes = 11;
  EXPECT_EQ(RenderShapes(folder_ / "new", few_).error().kind, ErrorKind::kUsage);
  EXPECT_FALSE(fs::exists(folder_ / "new"));
}

}  // namespace
}  // namespace nacre
