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
