#include "evaluate/accuracy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "graph/builder.h"

namespace nacre {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(WilsonAccuracy, AgreesWithPublishedIntervals) {
  // Newcombe (1998), table I: 81/263 -> 0.2553 to 0.3662; 15/148 -> 0.0624 to 0.1605; 0/20 -> 0 to
  // 0.1611.
  const Accuracy a = WilsonAccuracy(81, 263);
  EXPECT_NEAR(a.low, 0.2553, 5e-5);
  EXPECT_NEAR(a.high, 0.3662, 5e-5);
  const Accuracy b = WilsonAccuracy(15, 148);
  EXPECT_NEAR(b.low, 0.0624, 5e-5);
  EXPECT_NEAR(b.high, 0.1605, 5e-5);
  const Accuracy c = WilsonAccuracy(0, 20);
  EXPECT_NEAR(c.low, 0, 1e-12);
  EXPECT_NEAR(c.high, 0.1611, 5e-5);
}

TEST(WilsonAccuracy, StaysInsideTheUnitIntervalAndIsSymmetric) {
  const Accuracy all = WilsonAccuracy(20, 20), none = WilsonAccuracy(0, 20);
  EXPECT_LE(all.high, 1);
  EXPECT_DOUBLE_EQ(all.value, 1);
  EXPECT_NEAR(all.low, 1 - none.high, 1e-12);
  const Accuracy nothing = WilsonAccuracy(0, 0);
  EXPECT_EQ(nothing.low, 0);
  EXPECT_EQ(nothing.high, 1);
  EXPECT_THROW(WilsonAccuracy(2, 1), std::logic_error);
}

TEST(TopK, CountsByRankAndGivesTiesToTheLowerClass) {
  const Tensor logits = Tensor::Floats({4, 3}, {3, 2, 1,  //
                                                1, 3, 2,  //
                                                1, 2, 3,  //
                                                5, 5, 0});
  EXPECT_DOUBLE_EQ(TopOne(logits, {0, 0, 0, 0}).value, 0.5);
  EXPECT_DOUBLE_EQ(TopOne(logits, {0, 1, 2, 1}).value, 0.75);
  EXPECT_DOUBLE_EQ(TopK(logits, {1, 2, 0, 1}, 2).value, 0.75);
  EXPECT_DOUBLE_EQ(TopFive(logits, {2, 0, 1, 2}).value, 1);
  EXPECT_EQ(TopOne(logits, {0, 0, 0, 0}).images, 4);
  EXPECT_THAT(Classes(logits), ElementsAre(0, 1, 2, 0));
}

TEST(TopK, NaNIsNeverRight) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor logits = Tensor::Floats({2, 2}, {nan, nan, nan, 1});
  EXPECT_DOUBLE_EQ(TopFive(logits, {0, 0}).value, 0);
  EXPECT_DOUBLE_EQ(TopOne(logits, {0, 1}).value, 0.5);
  EXPECT_THAT(Classes(logits), ElementsAre(-1, 1));
  EXPECT_DOUBLE_EQ(Agreement(logits, logits).value, 0.5);
}

TEST(TopK, RefusesLabelsThatDoNotFit) {
  EXPECT_THROW(TopOne(Tensor::Floats({1, 2}, {1, 2}), {0, 1}), std::logic_error);
}

TEST(Agreement, IsTheShareOfEqualClasses) {
  const Tensor a = Tensor::Floats({2, 2}, {1, 0, 1, 0}), b = Tensor::Floats({2, 2}, {9, 8, 0, 1});
  EXPECT_DOUBLE_EQ(Agreement(a, b).value, 0.5);
}

TEST(CheckStatedAccuracy, PassesInsideTheIntervalOnly) {
  const Accuracy measured = WilsonAccuracy(890, 1000);
  EXPECT_TRUE(CheckStatedAccuracy(measured, 0.9));
  const auto far = CheckStatedAccuracy(measured, 0.95);
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error().kind, ErrorKind::kData);
  EXPECT_THAT(far.error().message, HasSubstr("95.00 %"));
  EXPECT_THAT(far.error().message, HasSubstr("channel order"));
}

// Class 0 when the first channel's mean is at least `threshold` times the third's, plus `offset`;
// fails on batches it was not compiled for.
class FakeCompiler : public Compiler {
 public:
  FakeCompiler(float threshold, float offset, int64_t only_batch = 0)
      : threshold_(threshold), offset_(offset), only_batch_(only_batch) {}

  Expected<std::unique_ptr<CompiledNetwork>> Compile(const Network&,
                                                     const CompileOptions& options) override {
    batches.push_back(options.batch);
    if (only_batch_ && options.batch != only_batch_) return Fail(ErrorKind::kTarget, "fixed batch");
    return std::make_unique<Fake>(*this, options.batch);
  }
  Expected<void> Export(const Network&, const std::string&) override { return {}; }

  std::vector<int64_t> batches;

 private:
  class Fake : public CompiledNetwork {
   public:
    Fake(const FakeCompiler& from, int64_t batch)
        : threshold_(from.threshold_), offset_(from.offset_), batch_(batch) {}
    Expected<std::vector<Tensor>> Run(std::span<const Tensor> inputs) override {
      if (inputs[0].shape()[0] != batch_) return Fail(ErrorKind::kTarget, "another batch");
      const auto x = inputs[0].floats();
      std::vector<float> logits;
      for (int64_t i = 0; i < batch_; ++i) {
        logits.push_back(x[3 * i]);
        logits.push_back(x[3 * i + 2] * threshold_ + offset_);
      }
      return std::vector<Tensor>{Tensor::Floats({batch_, 2}, logits)};
    }
    void RunOnce() override {}

   private:
    float threshold_, offset_;
    int64_t batch_;
  };
  float threshold_, offset_;
  int64_t only_batch_;
};

// `count` images of one pixel: class 0 is red, class 1 blue.
ImageSet RedAndBlue(int count) {
  ImageSet images;
  images.preprocess = {.height = 1, .width = 1, .scale = 255};
  images.classes = {"red", "blue"};
  for (int i = 0; i < count; ++i) {
    images.labels.push_back(i % 2);
    const uint8_t red = i % 2 == 0 ? 200 : 20, blue = i % 2 == 0 ? 20 : 200;
    images.pixels.insert(images.pixels.end(), {red, 100, blue});
  }
  return images;
}

Network AnyNetwork() {
  NetworkBuilder builder("net", "image", {kDynamic, 3, 1, 1}, Random(1));
  return std::move(builder).Finish(builder.Conv("image", {.out = 2, .kernel = 1}), "out");
}

TEST(Divergence, IsTheOneOfTwoDistributions) {
  const float one = std::log(0.75f), other = std::log(0.25f);
  const Tensor even = Tensor::Floats({2, 2}, {0, 0, 5, 5}),
               skewed = Tensor::Floats({2, 2}, {one, other, one, other});
  EXPECT_NEAR(Divergence(even, even), 0, 1e-12);
  EXPECT_NEAR(Divergence(even, skewed), 0.5 * std::log(0.5 / 0.75) + 0.5 * std::log(0.5 / 0.25),
              1e-6);
  EXPECT_NEAR(Divergence(skewed, even), 0.75 * std::log(1.5) + 0.25 * std::log(0.5), 1e-6);
  EXPECT_THROW(Divergence(even, Tensor::Floats({1, 2}, {0, 0})), std::logic_error);
}

TEST(EvaluateCompiled, CountsEveryImageOnceWhateverTheBatch) {
  const ImageSet images = RedAndBlue(11);
  for (int64_t batch : {1, 4, 11, 64}) {
    FakeCompiler compiler(1, 0);
    double last = 0;
    const auto accuracy =
        EvaluateCompiled(compiler, AnyNetwork(), {.batch = kDynamic}, images,
                         {.batch = batch, .progress = [&](double fraction) { last = fraction; }});
    ASSERT_TRUE(accuracy) << accuracy.error().message;
    EXPECT_DOUBLE_EQ(accuracy->value, 1);
    EXPECT_EQ(accuracy->images, 11);
    EXPECT_DOUBLE_EQ(last, 1);
    EXPECT_THAT(compiler.batches, ElementsAre(std::min<int64_t>(batch, 11)));
  }
}

TEST(EvaluateCompiled, FallsBackToBatchOneForANetworkOfFixedBatch) {
  FakeCompiler compiler(1, 0, 1);
  const auto accuracy =
      EvaluateCompiled(compiler, AnyNetwork(), {.batch = kDynamic}, RedAndBlue(6));
  ASSERT_TRUE(accuracy) << accuracy.error().message;
  EXPECT_DOUBLE_EQ(accuracy->value, 1);
  EXPECT_THAT(compiler.batches, ElementsAre(6, 1));
}

TEST(EvaluateCompiled, SaysWhatIsWrongWithTheData) {
  FakeCompiler compiler(1, 0);
  ImageSet images = RedAndBlue(4);
  images.labels[3] = 2;
  const auto unknown = EvaluateCompiled(compiler, AnyNetwork(), {.batch = 4}, images);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::kData);
  const auto none = EvaluateCompiled(compiler, AnyNetwork(), {.batch = 4}, RedAndBlue(0));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::kData);
}

std::string Explanation(FakeCompiler& compiler, const ImageSet& images, double stated) {
  const auto measured = EvaluateCompiled(compiler, AnyNetwork(), {.batch = kDynamic}, images);
  const Expected<void> result = ExplainMismatch(AnyNetwork(), compiler, images, *measured, stated);
  return result ? "" : result.error().message;
}

TEST(ExplainMismatch, FindsSwappedChannels) {
  FakeCompiler compiler(1, 0);
  ImageSet images = RedAndBlue(200);
  for (int i = 0; i < 200; ++i) std::swap(images.pixels[3 * i], images.pixels[3 * i + 2]);
  images.preprocess.color = "bgr";
  EXPECT_THAT(Explanation(compiler, images, 0.99), HasSubstr("color = \"rgb\""));
}

TEST(ExplainMismatch, FindsAWrongScale) {
  FakeCompiler compiler(0, 100);  // wants red above 100 of 255
  const std::string message = Explanation(compiler, RedAndBlue(200), 0.99);
  EXPECT_THAT(message, HasSubstr("scale = 1"));
  EXPECT_THAT(message, HasSubstr("100.00 %"));
}

TEST(ExplainMismatch, SaysSoWhenNothingExplainsIt) {
  FakeCompiler compiler(0, -1e9f);  // always class 0
  EXPECT_THAT(Explanation(compiler, RedAndBlue(200), 0.99),
              HasSubstr("order of the class folders"));
}

}  // namespace
}  // namespace nacre
