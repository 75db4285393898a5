#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "graph/builder.h"
#include "quantize/activations.h"

namespace nacre::quantize_internal {
namespace {

// Answers every output with what `answer` says of the input's mean over each image, and counts
// compilations.
class FakeCompiler : public Compiler {
 public:
  explicit FakeCompiler(std::function<float(float)> answer) : answer_(std::move(answer)) {}

  Expected<std::unique_ptr<CompiledNetwork>> Compile(const Network& network,
                                                     const CompileOptions& options) override {
    ++compiled;
    batches.push_back(options.batch);
    return std::make_unique<Fake>(network.outputs.size(), answer_);
  }
  Expected<void> Export(const Network&, const std::string&) override { return {}; }

  int compiled = 0;
  std::vector<int64_t> batches;

 private:
  class Fake : public CompiledNetwork {
   public:
    Fake(size_t outputs, std::function<float(float)> answer)
        : outputs_(outputs), answer_(std::move(answer)) {}
    Expected<std::vector<Tensor>> Run(std::span<const Tensor> inputs) override {
      const int64_t n = inputs[0].shape()[0], each = inputs[0].count() / n;
      std::vector<float> values;
      for (int64_t i = 0; i < n; ++i) {
        float sum = 0;
        for (float v : inputs[0].floats().subspan(i * each, each)) sum += v;
        values.push_back(answer_(sum / each));
      }
      return std::vector<Tensor>(outputs_, Tensor::Floats({n, 1, 1, 1}, values));
    }
    void RunOnce() override {}

   private:
    size_t outputs_;
    std::function<float(float)> answer_;
  };
  std::function<float(float)> answer_;
};

// Image i is of one grey, 10 * i.
ImageSet Greys(int count) {
  ImageSet images;
  images.channels = 1;
  images.preprocess = {.height = 2, .width = 2, .color = ColorOrder::kGray, .scale = 1};
  images.classes = {"a"};
  std::vector<uint8_t> pixels;
  for (int i = 0; i < count; ++i) {
    images.labels.push_back(0);
    pixels.insert(pixels.end(), 4, static_cast<uint8_t>(10 * i));
  }
  images.source = InMemory(std::move(pixels), 4);
  return images;
}

Network TwoConvs() {
  NetworkBuilder builder("net", "image", {kDynamic, 1, 2, 2}, Random(1));
  const auto relu = builder.Activation(builder.Conv("image", {.out = 1}), "Relu");
  return std::move(builder).Finish(builder.Conv(relu, {.out = 1}), "out");
}

TEST(CollectRanges, ExtremesOfAllImagesWithZero) {
  FakeCompiler compiler([](float mean) { return mean - 20; });
  QuantizeOptions options{.ranges = RangeMethod::kMinMax, .batch = 4};
  const Network network = TwoConvs();
  const auto ranges = CollectRanges(network, compiler, Greys(7), options);
  ASSERT_TRUE(ranges) << ranges.error().message;
  ASSERT_EQ(ranges->size(), 2u);
  EXPECT_EQ(ranges->at("image").low, 0);
  EXPECT_EQ(ranges->at("image").high, 60);
  const Range relu = ranges->at(QuantizedValues(network, options)[1]);
  EXPECT_EQ(relu.low, -20);
  EXPECT_EQ(relu.high, 40);
  EXPECT_EQ(compiler.compiled, 1);
  EXPECT_EQ(compiler.batches, (std::vector<int64_t>{4}));
}

TEST(CollectRanges, HistogramMethodsTakeASecondPass) {
  FakeCompiler compiler([](float mean) { return mean; });
  const auto ranges = CollectRanges(TwoConvs(), compiler, Greys(20), {.batch = 8});
  ASSERT_TRUE(ranges);
  EXPECT_EQ(compiler.compiled, 2);
}

TEST(CollectRanges, KnownOnesAreTakenAsTheyAre) {
  FakeCompiler compiler([](float mean) { return mean; });
  const Network network = TwoConvs();
  QuantizeOptions options;
  const std::string relu = QuantizedValues(network, options)[1];
  options.known = {{relu, {-1, 7}}, {"elsewhere", {0, 1}}};
  const auto ranges = CollectRanges(network, compiler, Greys(7), options);
  ASSERT_TRUE(ranges);
  EXPECT_EQ(ranges->size(), 2u);
  EXPECT_EQ(ranges->at("image").high, 60);
  EXPECT_EQ(ranges->at(relu).low, -1);
  EXPECT_EQ(ranges->at(relu).high, 7);
}

TEST(CollectRanges, AnEmptySetAndInfiniteActivationsAreErrorsOfTheData) {
  FakeCompiler compiler([](float) { return std::numeric_limits<float>::infinity(); });
  const auto infinite = CollectRanges(TwoConvs(), compiler, Greys(2), {});
  ASSERT_FALSE(infinite);
  EXPECT_EQ(infinite.error().kind, ErrorKind::kData);
  const auto empty = CollectRanges(TwoConvs(), compiler, Greys(0), {});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, ErrorKind::kData);
}

TEST(CollectRanges, ANaNActivationIsAnError) {
  FakeCompiler compiler([](float) { return std::numeric_limits<float>::quiet_NaN(); });
  const auto ranges = CollectRanges(TwoConvs(), compiler, Greys(2), {});
  ASSERT_FALSE(ranges);
  EXPECT_EQ(ranges.error().kind, ErrorKind::kData);
}

TEST(VisitActivations, TheFilledUpTailDoesNotCount) {
  FakeCompiler compiler([](float mean) { return mean; });
  std::vector<float> seen;
  const auto append = [&](std::span<const std::span<const float>> outputs, int64_t) {
    seen.insert(seen.end(), outputs[0].begin(), outputs[0].end());
  };
  const auto done = VisitActivations(TwoConvs(), compiler, Greys(5), {.batch = 3}, append);
  ASSERT_TRUE(done);
  EXPECT_EQ(seen, (std::vector<float>{0, 10, 20, 30, 40}));
}

TEST(VisitActivations, CountsTheFirstImagesWhereOnlyThoseAreAskedFor) {
  FakeCompiler compiler([](float mean) { return mean; });
  int64_t seen = 0;
  const auto done =
      VisitActivations(TwoConvs(), compiler, Greys(5), {.batch = 64, .images = 2},
                       [&](std::span<const std::span<const float>>, int64_t n) { seen += n; });
  ASSERT_TRUE(done);
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(compiler.batches, (std::vector<int64_t>{2}));
}

TEST(VisitActivations, RefusesANetworkWithTwoInputs) {
  FakeCompiler compiler([](float mean) { return mean; });
  Network network = TwoConvs();
  network.inputs.push_back({"second", DataType::kFloat, {1}});
  const auto done = VisitActivations(network, compiler, Greys(2), {}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kModel);
  EXPECT_EQ(compiler.compiled, 0);
}

}  // namespace
}  // namespace nacre::quantize_internal
