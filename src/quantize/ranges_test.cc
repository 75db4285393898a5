#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "graph/builder.h"
#include "quantize/activations.h"
#include "quantize/histogram.h"

namespace nacre {
namespace {

std::vector<float> Normals(int count, bool rectified) {
  Random random(3);
  std::vector<float> values;
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<float>(random.Normal());
    values.push_back(rectified ? std::max(0.0f, value) : value);
  }
  return values;
}

TEST(Histogram, PercentileLeavesOutTheOutliersOnly) {
  std::vector<float> values(10000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1) / 10000;
  values.push_back(100);
  Histogram histogram({0, 100});
  histogram.Add(values);
  const float width = 100.0f / Histogram::kBins;
  EXPECT_NEAR(histogram.Percentile(99.9).high, 1, 2 * width);
  EXPECT_EQ(histogram.Percentile(100).high, 100);
  EXPECT_EQ(histogram.Percentile(99.9).low, 0);
}

TEST(Histogram, LeastSquaresClipsARareOutlierButNotAUniformSpread) {
  // One value of 40 among 4 million: its squared error is less than what steps of 40 / 255 cost the
  // others.
  const auto values = Normals(20000, true);
  Histogram spiked({0, 40});
  for (int i = 0; i < 200; ++i) spiked.Add(values);
  spiked.Add(std::vector<float>{40});
  EXPECT_LT(spiked.LeastSquares().high, 12);
  EXPECT_GT(spiked.LeastSquares().high, 3);

  std::vector<float> uniform(10000);
  for (size_t i = 0; i < uniform.size(); ++i) uniform[i] = static_cast<float>(i) / 10000;
  Histogram even({0, 1});
  even.Add(uniform);
  EXPECT_GT(even.LeastSquares().high, 0.97);
}

TEST(Histogram, RangesContainZeroAndStayInsideTheExtremes) {
  const auto values = Normals(5000, false);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  Histogram histogram({*low, *high});
  histogram.Add(values);
  for (const Range& range : {histogram.Percentile(99), histogram.LeastSquares()}) {
    EXPECT_LT(range.low, 0);
    EXPECT_GE(range.low, *low);
    EXPECT_GT(range.high, 0);
    EXPECT_LE(range.high, *high);
  }
  EXPECT_EQ(Histogram({2, 5}).extremes().low, 0);
}

TEST(Histogram, AConstantZeroIsHarmless) {
  Histogram histogram({0, 0});
  histogram.Add(std::vector<float>(10, 0.0f));
  EXPECT_EQ(histogram.LeastSquares().high, 0);
  EXPECT_EQ(histogram.Percentile(99).high, 0);
}

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
  for (int i = 0; i < count; ++i) {
    images.labels.push_back(0);
    images.pixels.insert(images.pixels.end(), 4, static_cast<uint8_t>(10 * i));
  }
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

TEST(ForEachBatch, TheFilledUpTailDoesNotCount) {
  FakeCompiler compiler([](float mean) { return mean; });
  std::vector<float> seen;
  const auto done = ForEachBatch(TwoConvs(), compiler, Greys(5), {.batch = 3},
                                 [&](std::span<const std::span<const float>> outputs, int64_t) {
                                   seen.insert(seen.end(), outputs[0].begin(), outputs[0].end());
                                 });
  ASSERT_TRUE(done);
  EXPECT_EQ(seen, (std::vector<float>{0, 10, 20, 30, 40}));
}

}  // namespace
}  // namespace nacre
