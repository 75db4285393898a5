#include "data/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nacre {
namespace {

using ::testing::HasSubstr;

TEST(ColorOrder, ItsNameReadsBack) {
  for (const ColorOrder color : {ColorOrder::kRgb, ColorOrder::kBgr, ColorOrder::kGray})
    EXPECT_EQ(ParseColor(ColorName(color)), color);
  EXPECT_EQ(ColorName(ColorOrder::kBgr), "bgr");
  EXPECT_EQ(ParseColor("hsv"), std::nullopt);
  EXPECT_EQ(ParseColor("RGB"), std::nullopt);
  EXPECT_EQ(ParseColor(""), std::nullopt);
}

TEST(ResizeMode, ItsNameReadsBack) {
  for (const ResizeMode resize : {ResizeMode::kStretch, ResizeMode::kCrop})
    EXPECT_EQ(ParseResize(ResizeName(resize)), resize);
  EXPECT_EQ(ResizeName(ResizeMode::kCrop), "crop");
  EXPECT_EQ(ParseResize("pad"), std::nullopt);
}

TEST(Preprocess, ChannelsFollowTheColor) {
  EXPECT_EQ(Preprocess{.color = ColorOrder::kRgb}.channels(), 3);
  EXPECT_EQ(Preprocess{.color = ColorOrder::kBgr}.channels(), 3);
  EXPECT_EQ(Preprocess{.color = ColorOrder::kGray}.channels(), 1);
}

TEST(CheckPreprocess, NamesWhatIsOutOfRange) {
  EXPECT_TRUE(CheckPreprocess({}));
  EXPECT_THAT(CheckPreprocess({.scale = 0}).error().message, HasSubstr("scale 0"));
  EXPECT_THAT(CheckPreprocess({.height = -1}).error().message, HasSubstr("height and width"));
  EXPECT_THAT(CheckPreprocess({.mean = {1, 2}}).error().message, HasSubstr("mean has 2 values"));
  EXPECT_THAT(CheckPreprocess({.std = {1, 0, 1}}).error().message, HasSubstr("std 0"));
  EXPECT_EQ(CheckPreprocess({.std = {1, 0, 1}}).error().kind, ErrorKind::kUsage);
  EXPECT_TRUE(CheckPreprocess({.color = ColorOrder::kGray, .mean = {0.5}}));
  EXPECT_FALSE(CheckPreprocess({.color = ColorOrder::kGray, .mean = {0.5, 0.5, 0.5}}));
}

}  // namespace
}  // namespace nacre
