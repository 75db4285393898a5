#include "data/image_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

#include "data/cached_images.h"
#include "data/image_folder.h"
#include "testing/plain_images.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Two classes of 80 images, which are decoded on demand; the cache holds 64.
class OnDemand : public ::testing::Test {
 protected:
  OnDemand() {
    root_ = fs::temp_directory_path() / ("nacre-on-demand-" + std::to_string(getpid()));
    fs::remove_all(root_);
    options_.preprocess.height = options_.preprocess.width = 4;
    options_.on_demand = true;
    options_.most_broken = 0.5;
    for (int i = 0; i < 80; ++i) {
      const std::string name = "im" + std::to_string(100 + i) + ".png";
      WriteFile(root_ / "ant" / name, Plain(10, static_cast<uint8_t>(i), 30));
      WriteFile(root_ / "bee" / name, Plain(200, static_cast<uint8_t>(i), 30));
    }
    options_.most_memory = Bytes{64 * 48};
  }
  ~OnDemand() override { fs::remove_all(root_); }

  ImageSet Load() { return LoadImageFolder(root_, options_, &report_).value(); }
  fs::path Ant(int number) const {
    return root_ / "ant" / ("im" + std::to_string(100 + number) + ".png");
  }

  fs::path root_;
  LoadOptions options_;
  LoadReport report_;
};

std::string FailureOf(const ImageSet& set, int64_t image) {
  std::vector<uint8_t> pixels(48);
  const auto read = set.source->Read(image, pixels);
  if (read) return "read";
  EXPECT_EQ(read.error().kind, ErrorKind::kData);
  return read.error().message;
}

TEST_F(OnDemand, ReadsTheImagesThatAreDecodedAtOnceElsewhere) {
  const ImageSet lazy = Load();
  options_.most_memory = Bytes{1 << 20};
  const ImageSet eager = Load();
  EXPECT_EQ(lazy.hash, eager.hash);
  for (int64_t i = 0; i < lazy.count(); ++i) EXPECT_EQ(Pixels(lazy, i), Pixels(eager, i)) << i;
  EXPECT_EQ(ContentHash(lazy).value(), ContentHash(eager).value());
}

TEST_F(OnDemand, NothingIsDecodedBeforeItIsRead) {
  WriteFile(Ant(3), "no image");
  const ImageSet set = Load();
  EXPECT_EQ(set.count(), 160);
  EXPECT_TRUE(report_.broken.empty());
}

TEST_F(OnDemand, ABrokenFileShowsTheNextOfItsClass) {
  WriteFile(Ant(3), "no image");
  WriteFile(Ant(79), "no image");
  const ImageSet set = Load();
  EXPECT_EQ(Pixels(set, 3)[16], 4);
  EXPECT_EQ(Pixels(set, 79)[16], 0) << "after the last one comes the first";
  EXPECT_EQ(Pixels(set, 79)[0], 10);
}

TEST_F(OnDemand, TooManyBrokenFilesAreAnError) {
  for (int i = 0; i < 3; ++i) WriteFile(Ant(i), "no image");
  options_.most_broken = 2.0 / 160;
  const ImageSet set = Load();
  EXPECT_EQ(FailureOf(set, 0), "read");
  EXPECT_EQ(FailureOf(set, 1), "read");
  EXPECT_THAT(FailureOf(set, 2), HasSubstr("3 of 160 images could not be decoded"));
}

TEST_F(OnDemand, AFileThatVanishesOrChangesIsNamed) {
  const ImageSet set = Load();
  fs::remove(Ant(1));
  EXPECT_THAT(FailureOf(set, 1), HasSubstr(Ant(1).string() + " has vanished"));
  const auto time = fs::last_write_time(Ant(2));
  WriteFile(Ant(2), Plain(1, 2, 3));
  fs::last_write_time(Ant(2), time + std::chrono::seconds(2));
  EXPECT_THAT(FailureOf(set, 2), HasSubstr(Ant(2).string() + " has changed"));
}

TEST_F(OnDemand, WhatIsKeptIsNotReadAgain) {
  const ImageSet set = Load();
  for (int64_t i = 0; i < 80; ++i) Pixels(set, i);  // 64 of them are kept
  fs::remove_all(root_ / "ant");
  EXPECT_EQ(Pixels(set, 63)[16], 63);
  EXPECT_THAT(FailureOf(set, 64), HasSubstr("has vanished"));
}

TEST_F(OnDemand, OtherwiseAllFilesAreDecodedOnceAndBrokenOnesLeftOut) {
  WriteFile(Ant(3), "no image");
  options_.on_demand = false;
  const ImageSet set = Load();
  EXPECT_EQ(set.count(), 159);
  EXPECT_EQ(report_.broken.size(), 1);
  EXPECT_EQ(Pixels(set, 3)[16], 4);
  EXPECT_EQ(Pixels(set, 158)[16], 79) << "behind what the memory holds";
}

// Counts its readings.
class Counting final : public ImageSource {
 public:
  int64_t count() const override { return 3; }
  int64_t image_bytes() const override { return 1; }
  mutable std::vector<int> reads = {0, 0, 0};

 private:
  Expected<void> DoRead(int64_t image, std::span<uint8_t> out) const override {
    ++reads[static_cast<size_t>(image)];
    out[0] = static_cast<uint8_t>(image);
    return {};
  }
};

TEST(Cached, KeepsWhatIsReadFirst) {
  const auto counting = std::make_shared<const Counting>();
  const ImageSourcePtr cached = Cached(counting, Bytes{2});
  uint8_t pixel = 9;
  for (const int64_t image : {2, 0, 1, 2, 0, 1}) {
    ASSERT_TRUE(cached->Read(image, {&pixel, 1}));
    EXPECT_EQ(pixel, image);
  }
  EXPECT_THAT(counting->reads, ElementsAre(1, 2, 1));
}

}  // namespace
}  // namespace nacre
