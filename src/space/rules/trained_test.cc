// Candidates that inherit weights compute what they claim to.
#include <gtest/gtest.h>

#include "graph/builder.h"
#include "graph/shapes.h"
#include "space/kernels.h"
#include "space/space.h"
#include "testing/run_convolutions.h"

namespace nacre {
namespace {

Tensor Draw(Random& random, Shape shape) {
  std::vector<float> values(static_cast<size_t>(ElementCount(shape)));
  for (float& value : values) value = static_cast<float>(0.3 * random.Normal());
  return Tensor::Floats(std::move(shape), values);
}

// Weight [width, width, 3, 3] of rank width / 2.
Tensor HalfRank(Random& random, int64_t width) {
  const Tensor up = Draw(random, {width, width / 2}), down = Draw(random, {width / 2, width * 9});
  std::vector<float> product(static_cast<size_t>(width * width * 9), 0);
  for (int64_t o = 0; o < width; ++o) {
    for (int64_t r = 0; r < width / 2; ++r) {
      for (int64_t i = 0; i < width * 9; ++i) {
        product[o * width * 9 + i] +=
            up.floats()[o * width / 2 + r] * down.floats()[r * width * 9 + i];
      }
    }
  }
  return Tensor::Floats({width, width, 3, 3}, product);
}

// Stem and three residual blocks of `width` channels, with folded batch-norm.
Network Blocks(int64_t width) {
  Random random(4);
  NetworkBuilder b("blocks", "image", {kDynamic, 3, kPlainSide, kPlainSide}, Random(1));
  std::string x = b.Activation(b.Conv("image", {.out = width, .kernel = 5}), "Relu");
  for (int i = 0; i < 3; ++i) {
    const auto y = b.Activation(
        b.Conv(x, {.out = width}, HalfRank(random, width), Draw(random, {width})), "Relu");
    const auto z = b.Conv(y, {.out = width}, HalfRank(random, width), Draw(random, {width}));
    x = b.Activation(b.Add(z, x), "Relu");
  }
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10), "logits");
}

class Inherit : public testing::Test {
 protected:
  void SetUp() override {
    auto built = BuildSpace(Blocks(8), {.channel_multiple = 4});
    ASSERT_TRUE(built) << built.error().message;
    space_ = std::move(*built);
  }

  const Candidate* Find(const std::string& id) const {
    for (const RatedCandidate& rated : space_.candidates) {
      if (rated.candidate.id == id) return &rated.candidate;
    }
    return nullptr;
  }

  Space space_;
};

TEST_F(Inherit, LowRankIsExactForWeightsOfThatRank) {
  const Candidate *keep = Find("b1:keep"), *low = Find("b1:low-rank");
  ASSERT_TRUE(keep && low);
  ExpectSameFunction(keep->fragment, low->fragment);
  EXPECT_LT(CostOf(low->fragment)->macs, CostOf(keep->fragment)->macs);
}

TEST_F(Inherit, ShortcutFoldsIntoPlainConvolutionsExactly) {
  const auto wide = BuildSpace(Blocks(8), {.channel_multiple = 8});
  ASSERT_TRUE(wide);
  const Candidate* keep = Find("b2:keep");
  const auto reparam =
      std::find_if(wide->candidates.begin(), wide->candidates.end(),
                   [](const RatedCandidate& rated) { return rated.candidate.id == "b2:reparam8"; });
  ASSERT_TRUE(keep);
  ASSERT_NE(reparam, wide->candidates.end());
  for (const Node& node : reparam->candidate.fragment.nodes) EXPECT_NE(node.op, "Add");
  ExpectSameFunction(keep->fragment, reparam->candidate.fragment);
}

TEST_F(Inherit, TheFirstTrainedBlockStandsForMany) {
  const Candidate *merged = Find("b1-b3:merge-first1"), *first = Find("b1:keep");
  ASSERT_TRUE(merged && first);
  EXPECT_EQ(StructuralHash(merged->fragment, true), StructuralHash(first->fragment, true));
  EXPECT_EQ(merged->fragment.inputs[0].name, space_.blocks[1].input);
  EXPECT_EQ(merged->fragment.outputs[0].name, space_.blocks[3].output);
}

TEST_F(Inherit, LargeKernelsKeepTheirCentre) {
  const Candidate *keep = Find("b0:keep"), *small = Find("b0:kernel3");
  ASSERT_TRUE(keep && small);
  const auto weight = [](const Candidate& c) {
    return *c.fragment.Initializer(c.fragment.nodes[0].inputs[1]);
  };
  ASSERT_EQ(weight(*small).shape(), (Shape{8, 3, 3, 3}));
  EXPECT_EQ(weight(*small).floats()[4], weight(*keep).floats()[12]);
  EXPECT_EQ(weight(*small).floats()[9], weight(*keep).floats()[25 + 6]);
}

}  // namespace
}  // namespace nacre
