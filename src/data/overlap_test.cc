#include "data/overlap.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

// Images of one pixel, grey.
ImageSet Greys(const std::vector<uint8_t>& pixels, int64_t side = 1) {
  ImageSet set;
  set.preprocess.height = set.preprocess.width = side;
  set.channels = 1;
  set.labels.resize(pixels.size() / static_cast<size_t>(side * side));
  set.source = InMemory(pixels, side * side);
  return set;
}

TEST(CountShared, CountsImagesOfTheFirstSet) {
  const ImageSet train = Greys({1, 2, 3, 3, 4});
  EXPECT_EQ(CountShared(Greys({3, 3, 7}), train).value(), 2);
  EXPECT_EQ(CountShared(train, Greys({3, 3, 7})).value(), 2);
  EXPECT_EQ(CountShared(Greys({7, 8}), train).value(), 0);
  EXPECT_EQ(CountShared(Greys({}), train).value(), 0);
}

TEST(SharedImages, NamesThoseOfTheFirstSet) {
  EXPECT_EQ(SharedImages(Greys({7, 3, 3, 1}), Greys({1, 2, 3})).value(),
            (std::vector<int64_t>{1, 2, 3}));
}

TEST(CountShared, LabelsDoNotMatterAndAllPixelsDo) {
  ImageSet one = Greys({1, 2, 3, 4, 5, 6, 7, 8}, 2), other = Greys({5, 6, 7, 8, 1, 2, 3, 0}, 2);
  one.labels = {0, 1};
  EXPECT_EQ(CountShared(one, other).value(), 1);
}

TEST(CountShared, ImagesOfAnotherSizeAreOthers) {
  EXPECT_EQ(CountShared(Greys({1, 2, 3, 4}), Greys({1, 2, 3, 4}, 2)).value(), 0);
}

}  // namespace
}  // namespace nacre
