#include "data/load_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nacre {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(LoadNotes, AFolderWithoutSurprisesHasNone) {
  EXPECT_THAT(LoadNotes("val", {}, {.loaded = 9}), IsEmpty());
}

TEST(LoadNotes, EachSurpriseIsASentence) {
  const LoadReport report{.broken = {"val/a/x.jpg: empty file", "val/b/y.jpg: empty file"},
                          .missing = {"a", "b", "c", "d", "e", "f"},
                          .links = {"val/self"},
                          .turned = 4,
                          .clipped = 3};
  EXPECT_THAT(
      LoadNotes("val", {}, report),
      ElementsAre(HasSubstr("2 unreadable image files of val left out, first: val/a/x.jpg"),
                  HasSubstr("no images of 6 classes of the training images: a, b, c, d, e, "
                            "..."),
                  HasSubstr("1 links in val lead to what is there already and do not count"),
                  HasSubstr("4 photographs of val lie on a side by their EXIF data; they are "
                            "turned upright"),
                  HasSubstr("3 images of val are grey with 16 bits")));
  EXPECT_THAT(LoadNotes("val", {.orientation = Orientation::kFile}, {.turned = 1}),
              ElementsAre(HasSubstr("they stay so (--orientation exif turns them)")));
}

}  // namespace
}  // namespace nacre
