// Candidates that inherit weights compute what they claim to.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "graph/builder.h"
#include "graph/shapes.h"
#include "space/kernels.h"
#include "space/space.h"

namespace nacre {
namespace {

constexpr int64_t kSize = 6;  // height and width

// Stride 1, "same" padding, batch 1, one group: enough for a block.
std::vector<float> Convolve(const Network& network, const Node& conv, const std::vector<float>& x) {
  const Tensor& weight = *network.Initializer(conv.inputs[1]);
  const int64_t out = weight.shape()[0], in = weight.shape()[1], kernel = weight.shape()[2];
  const Tensor bias = space_internal::BiasOf(network, conv);
  std::vector<float> y;
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t at = 0; at < kSize * kSize; ++at) {
      double sum = bias.floats()[o];
      for (int64_t i = 0; i < in * kernel * kernel; ++i) {
        const int64_t row = at / kSize + i / kernel % kernel - kernel / 2;
        const int64_t column = at % kSize + i % kernel - kernel / 2;
        if (row < 0 || row >= kSize || column < 0 || column >= kSize) continue;
        sum += weight.floats()[o * in * kernel * kernel + i] *
               x[(i / (kernel * kernel) * kSize + row) * kSize + column];
      }
      y.push_back(static_cast<float>(sum));
    }
  }
  return y;
}

std::vector<float> Run(const Network& network, const std::vector<float>& x) {
  std::map<std::string, std::vector<float>> values = {{network.inputs[0].name, x}};
  for (const Node& node : network.nodes) {
    std::vector<float> y = values.at(node.inputs[0]);
    if (node.op == "Conv") y = Convolve(network, node, y);
    if (node.op == "Relu")
      for (float& v : y) v = std::max(v, 0.0f);
    if (node.op == "Add") {
      for (size_t i = 0; i < y.size(); ++i) y[i] += values.at(node.inputs[1])[i];
    }
    values[node.outputs[0]] = std::move(y);
  }
  return values.at(network.outputs[0].name);
}

void ExpectSameFunction(const Network& a, const Network& b) {
  Random random(9);
  std::vector<float> x(static_cast<size_t>(a.inputs[0].shape[1] * kSize * kSize));
  for (float& v : x) v = static_cast<float>(std::max(0.0, random.Normal()));
  const auto expected = Run(a, x), actual = Run(b, x);
  ASSERT_EQ(expected.size(), actual.size());
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(actual[i], expected[i], 1e-4) << i;
}

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
  NetworkBuilder b("blocks", "image", {kDynamic, 3, kSize, kSize}, Random(1));
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
