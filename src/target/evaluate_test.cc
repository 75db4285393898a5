#include "target/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"

namespace nacre {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Class 0 when the first channel's mean is at least `threshold` times the third's, plus `offset`;
// fails on batches it was not compiled for.
// Counts the images that its networks see.
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
  int64_t images = 0;
  bool loses_rows = false;  // answers with a row too few

 private:
  class Fake : public CompiledNetwork {
   public:
    Fake(FakeCompiler& from, int64_t batch)
        : from_(from), threshold_(from.threshold_), offset_(from.offset_), batch_(batch) {}
    Expected<std::vector<Tensor>> Run(std::span<const Tensor> inputs) override {
      if (inputs[0].shape()[0] != batch_) return Fail(ErrorKind::kTarget, "another batch");
      from_.images += batch_;
      const auto x = inputs[0].floats();
      std::vector<float> logits;
      for (int64_t i = 0; i < batch_; ++i) {
        logits.push_back(x[3 * i]);
        logits.push_back(x[3 * i + 2] * threshold_ + offset_);
      }
      if (!from_.loses_rows) return std::vector<Tensor>{Tensor::Floats({batch_, 2}, logits)};
      logits.resize(logits.size() - 2);
      return std::vector<Tensor>{Tensor::Floats({batch_ - 1, 2}, logits)};
    }
    void RunOnce() override {}

   private:
    FakeCompiler& from_;
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
  std::vector<uint8_t> pixels;
  for (int i = 0; i < count; ++i) {
    images.labels.push_back(i % 2);
    const uint8_t red = i % 2 == 0 ? 200 : 20, blue = i % 2 == 0 ? 20 : 200;
    pixels.insert(pixels.end(), {red, 100, blue});
  }
  images.source = InMemory(std::move(pixels), 3);
  return images;
}

Network AnyNetwork() {
  NetworkBuilder builder("net", "image", {kDynamic, 3, 1, 1}, Random(1));
  return std::move(builder).Finish(builder.Conv("image", {.out = 2, .kernel = 1}), "out");
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

TEST(PredictCompiled, GivesARowForEachImageInOrder) {
  FakeCompiler compiler(2, 0.5f);
  const ImageSet images = RedAndBlue(5);
  const auto logits =
      PredictCompiled(compiler, AnyNetwork(), {.batch = kDynamic}, images, {.batch = 3});
  ASSERT_TRUE(logits) << logits.error().message;
  EXPECT_EQ(logits->shape(), (Shape{5, 2}));
  for (int i = 0; i < 5; ++i) {
    const float red = i % 2 == 0 ? 200 : 20, blue = i % 2 == 0 ? 20 : 200;
    EXPECT_NEAR(logits->floats()[2 * i], red / 255, 1e-6);
    EXPECT_NEAR(logits->floats()[2 * i + 1], 2 * blue / 255 + 0.5, 1e-6);
  }
  EXPECT_EQ(compiler.images, 6);  // the last batch is filled up
}

TEST(PredictCompiled, ABatchThatIsGivenIsKept) {
  FakeCompiler compiler(1, 0);
  ASSERT_TRUE(PredictCompiled(compiler, AnyNetwork(), {.batch = 4}, RedAndBlue(2), {.batch = 64}));
  EXPECT_THAT(compiler.batches, ElementsAre(4));  // more than there are images
  FakeCompiler fixed(1, 0, 1);
  const auto refused = PredictCompiled(fixed, AnyNetwork(), {.batch = 4}, RedAndBlue(2));
  ASSERT_FALSE(refused);
  EXPECT_THAT(fixed.batches, ElementsAre(4));  // no second attempt
  EXPECT_EQ(refused.error().message, "fixed batch");
}

TEST(PredictCompiled, TheFirstErrorIsReportedWhenNoBatchWorks) {
  FakeCompiler compiler(1, 0, 7);
  const auto refused = PredictCompiled(compiler, AnyNetwork(), {.batch = kDynamic}, RedAndBlue(6));
  ASSERT_FALSE(refused);
  EXPECT_THAT(compiler.batches, ElementsAre(6, 1));
  EXPECT_EQ(refused.error().kind, ErrorKind::kTarget);
}

TEST(PredictCompiled, ANetworkThatIsNoClassifierIsRefused) {
  FakeCompiler compiler(1, 0);
  Network two = AnyNetwork();
  two.inputs.push_back(two.inputs[0]);
  const auto inputs = PredictCompiled(compiler, two, {.batch = 1}, RedAndBlue(2));
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().kind, ErrorKind::kModel);
  EXPECT_THAT(inputs.error().message, HasSubstr("2 input(s) and 1 output(s)"));
  EXPECT_TRUE(compiler.batches.empty());
  compiler.loses_rows = true;
  const auto rows = PredictCompiled(compiler, AnyNetwork(), {.batch = 2}, RedAndBlue(2));
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::kModel);
  EXPECT_THAT(rows.error().message, HasSubstr("does not answer 2 images with 2 rows"));
}

std::string Explanation(FakeCompiler& compiler, const ImageSet& images, double stated) {
  const auto measured = EvaluateCompiled(compiler, AnyNetwork(), {.batch = kDynamic}, images);
  const Expected<void> result = ExplainMismatch(AnyNetwork(), compiler, images, *measured, stated);
  return result ? "" : result.error().message;
}

TEST(ExplainMismatch, FindsSwappedChannels) {
  FakeCompiler compiler(1, 0);
  ImageSet images = RedAndBlue(200);
  images.source = WithSwappedChannels(images.source);
  images.preprocess.color = ColorOrder::kBgr;
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

TEST(ExplainMismatch, FindsChannelsSwappedTheOtherWay) {
  FakeCompiler compiler(1, 0);
  ImageSet images = RedAndBlue(200);
  images.source = WithSwappedChannels(images.source);
  EXPECT_THAT(Explanation(compiler, images, 0.99), HasSubstr("color = \"bgr\""));
}

// Red is recognised at x >= 0.5, which a mean of 0.5 turns into x >= 0.
TEST(ExplainMismatch, FindsAMeanThatShouldNotBe) {
  FakeCompiler compiler(0, 0.5f);
  ImageSet images = RedAndBlue(200);
  images.preprocess.mean = {0.5, 0.5, 0.5};
  EXPECT_THAT(Explanation(compiler, images, 0.99), HasSubstr("no mean and std"));
}

TEST(ExplainMismatch, NamesBothAccuraciesAndIsADataError) {
  FakeCompiler compiler(0, -1e9f);
  const ImageSet images = RedAndBlue(200);
  const auto measured = EvaluateCompiled(compiler, AnyNetwork(), {.batch = kDynamic}, images);
  const Error error = ExplainMismatch(AnyNetwork(), compiler, images, *measured, 0.99).value();
  EXPECT_EQ(error.kind, ErrorKind::kData);
  EXPECT_THAT(error.message, HasSubstr("reaches 50.00 %"));
  EXPECT_THAT(error.message, HasSubstr("200 images), but 99.00 % is stated"));
}

TEST(ExplainMismatch, LooksAtNoMoreThan2000Images) {
  FakeCompiler compiler(0, -1e9f);
  const ImageSet images = RedAndBlue(4500);
  const Accuracy measured{0.5, 0.48, 0.52, 4500};
  compiler.images = 0;
  const Expected<void> result = ExplainMismatch(AnyNetwork(), compiler, images, measured, 0.99);
  ASSERT_FALSE(result);
  const int64_t batches_of_64 = (2000 + 63) / 64;
  EXPECT_EQ(compiler.images % (64 * batches_of_64), 0);
  EXPECT_EQ(compiler.images, 5 * 64 * batches_of_64);  // five other ways to preprocess
}

}  // namespace
}  // namespace nacre
