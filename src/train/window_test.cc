// Positions and pads against what ONNX Runtime and PyTorch give.
#include "train/window.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nacre::train_internal {
namespace {

using ::testing::ElementsAre;
using Many = std::vector<int64_t>;

Window Of(std::map<std::string, Attribute> attributes) {
  Node node{.op = "MaxPool"};
  node.attributes = std::move(attributes);
  return Fitted(ReadWindow(node), node.Ints("kernel_shape"));
}

at::Tensor Image(int64_t height, int64_t width) { return at::zeros({1, 1, height, width}); }

TEST(Window, TakesDefaultsForWhatIsNotGiven) {
  const Window window = Of({{"kernel_shape", Many{3, 2}}});
  EXPECT_THAT(window.stride, ElementsAre(1, 1));
  EXPECT_THAT(window.dilation, ElementsAre(1, 1));
  EXPECT_THAT(window.pads, ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(window.rank(), 2u);
}

TEST(Window, PadsToTheSameSize) {
  const std::map<std::string, Attribute> same = {{"kernel_shape", Many{3, 4}},
                                                 {"strides", Many{2, 2}},
                                                 {"auto_pad", std::string("SAME_UPPER")}};
  EXPECT_THAT(Of(same).Pads(Image(8, 7)), ElementsAre(0, 1, 1, 2));
  std::map<std::string, Attribute> lower = same;
  lower["auto_pad"] = std::string("SAME_LOWER");
  EXPECT_THAT(Of(lower).Pads(Image(8, 7)), ElementsAre(1, 2, 0, 1));
  lower["auto_pad"] = std::string("VALID");
  EXPECT_THAT(Of(lower).Pads(Image(8, 7)), ElementsAre(0, 0, 0, 0));
}

// A kernel smaller than the stride needs no pads, and takes none away (onnxruntime#10086).
TEST(Window, NeverCutsTheImageToTheSameSize) {
  const Window window = Of({{"kernel_shape", Many{1, 1}},
                            {"strides", Many{3, 3}},
                            {"auto_pad", std::string("SAME_UPPER")}});
  EXPECT_THAT(window.Pads(Image(8, 7)), ElementsAre(0, 0, 0, 0));
}

// The third window of the width would begin at 6, in the padding behind 1 + 5 elements
// (onnxruntime#15446, case c02_a).
TEST(Window, DropsWhatWouldBeginInThePaddingBehind) {
  const Window window = Of({{"kernel_shape", Many{3, 3}},
                            {"strides", Many{3, 3}},
                            {"pads", Many{1, 1, 1, 1}},
                            {"ceil_mode", int64_t{1}}});
  EXPECT_EQ(window.Positions(0, 6, window.pads), 3);
  EXPECT_EQ(window.Positions(1, 5, window.pads), 2);
  EXPECT_THAT(window.ExactPads(Image(6, 5)), ElementsAre(1, 1, 2, 0));
}

TEST(Window, ExactPadsEndWhereTheLastWindowDoes) {
  const Window floor = Of({{"kernel_shape", Many{2, 2}}, {"strides", Many{3, 2}}});
  EXPECT_THAT(floor.ExactPads(Image(7, 7)), ElementsAre(0, 0, -2, -1));
  const Window ceil =
      Of({{"kernel_shape", Many{2, 2}}, {"strides", Many{3, 2}}, {"ceil_mode", int64_t{1}}});
  EXPECT_THAT(ceil.ExactPads(Image(7, 7)), ElementsAre(0, 0, 1, 1));
}

TEST(Window, ReachesOverDilations) {
  const Window window = Of({{"kernel_shape", Many{3, 1}}, {"dilations", Many{4, 2}}});
  EXPECT_EQ(window.Reach(0), 9);
  EXPECT_EQ(window.Reach(1), 1);
  EXPECT_EQ(window.Positions(0, 20, window.pads), 12);
}

TEST(Window, TurnsPadsForTorch) {
  EXPECT_THAT(TorchPads({1, 2, 3, 4}), ElementsAre(2, 4, 1, 3));
  EXPECT_TRUE(Symmetric({1, 2, 1, 2}));
  EXPECT_FALSE(Symmetric({1, 2, 2, 1}));
}

}  // namespace
}  // namespace nacre::train_internal
