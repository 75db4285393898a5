// INT8 by QDQ under OpenVINO: fusion, closeness to the float network, and accuracy on real images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "data/image_folder.h"
#include "graph/builder.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "quantize/quantize.h"
#include "target/evaluate.h"
#include "task/accuracy.h"

namespace nacre {
namespace {

// Random images with some low-frequency structure, so that channel means differ from image to
// image.
ImageSet Noise(int count, uint64_t seed) {
  ImageSet images;
  images.preprocess = {
      .height = 16, .width = 16, .scale = 255, .mean = {0.5, 0.5, 0.5}, .std = {0.25, 0.25, 0.25}};
  images.classes = {"a"};
  Random random(seed);
  std::vector<uint8_t> pixels;
  for (int i = 0; i < count; ++i) {
    images.labels.push_back(0);
    for (int c = 0; c < 3; ++c) {
      const double level = 60 + 130 * random.Uniform();
      for (int p = 0; p < 256; ++p)
        pixels.push_back(
            static_cast<uint8_t>(std::clamp(level + 30 * random.Normal(), 0.0, 255.0)));
    }
  }
  images.source = InMemory(std::move(pixels), images.image_bytes());
  images.hash = "noise";
  return images;
}

std::string ResidualBlock(NetworkBuilder& builder, const std::string& x, int64_t width) {
  const auto inner = builder.ConvBn(x, {.out = width});
  return builder.Activation(builder.Add(builder.ConvBn(inner, {.out = width}, ""), x), "Relu");
}

Network SmallResNet() {
  NetworkBuilder builder("small", "image", {kDynamic, 3, 16, 16}, Random(5));
  auto x = builder.ConvBn("image", {.out = 16});
  x = ResidualBlock(builder, x, 16);
  x = ResidualBlock(builder, x, 16);
  x = builder.MaxPool(x, 2, 2);
  x = builder.ConvBn(x, {.out = 32});
  x = ResidualBlock(builder, x, 32);
  const auto head = builder.Flatten(builder.GlobalAveragePool(x));
  return std::move(builder).Finish(builder.Linear(head, 10), "logits");
}

Network SmallMobileNet() {
  NetworkBuilder builder("mobile", "image", {kDynamic, 3, 16, 16}, Random(6));
  auto x = builder.ConvBn("image", {.out = 16, .stride = 2});
  x = builder.ConvBn(x, {.out = 16, .groups = 16});
  x = builder.ConvBn(x, {.out = 32, .kernel = 1}, "HardSwish");
  const auto head = builder.Flatten(builder.GlobalAveragePool(x));
  return std::move(builder).Finish(builder.Linear(head, 10), "logits");
}

Tensor Logits(const Network& network, Precision precision, const ImageSet& images) {
  const auto compiler = MakeOpenVinoCompiler();
  auto logits =
      PredictCompiled(*compiler, network, {.precision = precision, .batch = kDynamic}, images);
  if (!logits) throw std::runtime_error(logits.error().message);
  return *logits;
}

// Root mean square of the difference over that of `ideal` about its mean.
double RelativeError(const Tensor& ideal, const Tensor& found) {
  const auto a = ideal.floats(), b = found.floats();
  double mean = 0, difference = 0, spread = 0;
  for (float value : a) mean += value / a.size();
  for (size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    spread += (a[i] - mean) * (a[i] - mean);
  }
  return std::sqrt(difference / spread);
}

QuantizeOptions Safe() {
  QuantizeOptions options;
  options.weight_bits = SafeWeightBits(InspectMachine());
  return options;
}

class Closeness : public ::testing::TestWithParam<RangeMethod> {};

TEST_P(Closeness, QuantisedLogitsFollowTheFloatOnes) {
  const ImageSet calibration = Noise(64, 1), fresh = Noise(50, 2);
  const auto compiler = MakeOpenVinoCompiler();
  for (const Network& network : {SmallResNet(), SmallMobileNet()}) {
    QuantizeOptions options = Safe();
    options.ranges = GetParam();
    const auto quantized = Quantize(network, *compiler, calibration, options);
    ASSERT_TRUE(quantized) << quantized.error().message;
    const double error = RelativeError(Logits(network, Precision::kFp32, fresh),
                                       Logits(*quantized, Precision::kInt8, fresh));
    EXPECT_LT(error, 0.1) << network.name;
    EXPECT_GT(error, 1e-6) << network.name << ": nothing was quantised";
  }
}

INSTANTIATE_TEST_SUITE_P(Ranges, Closeness,
                         ::testing::Values(RangeMethod::kMinMax, RangeMethod::kPercentile,
                                           RangeMethod::kMse));

TEST(BiasCorrection, TakesOutTheShiftOfCoarseWeights) {
  const ImageSet calibration = Noise(128, 1), fresh = Noise(64, 2);
  const auto compiler = MakeOpenVinoCompiler();
  const Network network = SmallResNet();
  const Tensor ideal = Logits(network, Precision::kFp32, fresh);
  std::array<double, 2> errors{};
  for (bool correct : {false, true}) {
    const auto quantized =
        Quantize(network, *compiler, calibration, {.bias_correction = correct, .weight_bits = 4});
    ASSERT_TRUE(quantized) << quantized.error().message;
    errors[correct] = RelativeError(ideal, Logits(*quantized, Precision::kInt8, fresh));
  }
  EXPECT_LT(errors[1], 0.9 * errors[0]);
}

// Lines of `command`'s output with how often each occurs.
std::map<std::string, int> CountLines(const std::string& command) {
  std::map<std::string, int> lines;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 256> line;
  while (pipe && std::fgets(line.data(), line.size(), pipe)) {
    std::string text = line.data();
    while (!text.empty() && text.back() == '\n') text.pop_back();
    ++lines[text];
  }
  if (pipe) pclose(pipe);
  return lines;
}

// How OpenVINO executes a network: "<layer type> <precision>", and how often.
std::map<std::string, int> PrimitivesOf(const Network& network) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("nacre_fusion_" + std::to_string(getpid()) + ".onnx");
  if (!WriteOnnx(network, path)) return {};
  auto lines =
      CountLines(std::string(NACRE_PYTHON) +
                 " " NACRE_SOURCE_DIR "/tests/quantize_primitives.py '" + path.string() + "'");
  std::filesystem::remove(path);
  return lines;
}

// Pixels of 0 to 255 have a scale of 1, which OpenVINO takes away (decision 46).
TEST(Fusion, AConvolutionOfPixelsRunsInEightBits) {
  if (!std::filesystem::exists(NACRE_PYTHON))
    GTEST_SKIP() << "needs the Python environment of scripts/setup.sh";
  const Network folded = FoldBatchNorm(SmallResNet());
  std::map<std::string, Range> ranges;
  for (const std::string& value : QuantizedValues(folded, {})) ranges[value] = {0, 6};
  ASSERT_TRUE(ranges.contains("image"));
  ranges["image"] = {0, 255};
  const auto lines = PrimitivesOf(InsertQdq(folded, ranges, {}));
  ASSERT_TRUE(lines.contains("Convolution u8")) << ::testing::PrintToString(lines);
  EXPECT_EQ(lines.at("Convolution u8"), 8) << ::testing::PrintToString(lines);
}

TEST(Fusion, OpenVinoRunsTheResidualNetworkInEightBitsWithoutExtraOperations) {
  if (!std::filesystem::exists(NACRE_PYTHON))
    GTEST_SKIP() << "needs the Python environment of scripts/setup.sh";
  const auto lines = PrimitivesOf(QuantizeForTiming(SmallResNet()));
  ASSERT_FALSE(lines.empty()) << "the script printed nothing";
  EXPECT_EQ(lines.at("Convolution u8"), 8);  // sums, activations and requantisation inside
  EXPECT_EQ(lines.at("FullyConnected u8"), 1);
  EXPECT_EQ(lines.at("Pooling u8"), 1);
  EXPECT_EQ(lines.at("Reduce u8"), 1);  // the global average
  int others = 0;  // the input is quantised and reordered, the pooled value reordered
  for (const auto& [line, count] : lines) others += count;
  others -= 8 + 1 + 1 + 1;
  EXPECT_LE(others, 3) << ::testing::PrintToString(lines);
}

std::filesystem::path Shared() {
  const char* given = std::getenv("NACRE_SHARED");
  return given ? given : NACRE_SOURCE_DIR "/../shared";
}

// Unpacks the archive once into the temporary folder; empty when it is not there.
std::filesystem::path Unpacked(const std::string& archive, const std::filesystem::path& folder) {
  const auto zip = Shared() / "data" / archive;
  if (!std::filesystem::exists(zip)) return {};
  const std::string command =
      std::string(NACRE_PYTHON) + " -m zipfile -e '" + zip.string() + "' '" + folder.string() + "'";
  return std::system(command.c_str()) == 0 ? folder : std::filesystem::path{};
}

// The folder that holds the class folders.
std::filesystem::path ClassRoot(std::filesystem::path folder) {
  for (;;) {
    std::vector<std::filesystem::path> inside;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      inside.push_back(entry.path());
    if (inside.size() != 1 || !std::filesystem::is_directory(inside[0])) return folder;
    folder = inside[0];
  }
}

TEST(RealImages, ResNet20LosesAtMostOnePoint) {
  const auto model = Shared() / "models" / "resnet20-cifar10.onnx";
  if (!std::filesystem::exists(model)) GTEST_SKIP() << "no shared data";
  const auto folder =
      std::filesystem::temp_directory_path() / ("nacre_quantize_" + std::to_string(getpid()));
  const auto unpacked = Unpacked("cifar10-test.zip", folder);
  if (unpacked.empty()) GTEST_SKIP() << "no shared data";
  LoadOptions options;
  options.preprocess = {
      .height = 32, .width = 32, .mean = {0.485, 0.456, 0.406}, .std = {0.229, 0.224, 0.225}};
  const auto loaded = LoadImageFolder(ClassRoot(unpacked), options, nullptr);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(loaded) << loaded.error().message;
  const Split split = SplitByClass(*loaded, 0.1, 1);  // calibrated on images that are not tested on
  const ImageSet test = Sample(split.train, 1000, 2);
  const auto network = ReadOnnx(model);
  ASSERT_TRUE(network) << network.error().message;
  const auto compiler = MakeOpenVinoCompiler();
  const auto quantized = Quantize(*network, *compiler, Sample(split.validation, 256, 1), Safe());
  ASSERT_TRUE(quantized) << quantized.error().message;
  const Tensor exact = Logits(*network, Precision::kFp32, test),
               rounded = Logits(*quantized, Precision::kInt8, test);
  const Accuracy before = TopOne(exact, test.labels), after = TopOne(rounded, test.labels);
  EXPECT_GT(before.high, 0.8909);
  EXPECT_GE(after.value, before.value - 0.01);
  EXPECT_GT(Agreement(exact, rounded).value, 0.95);
}

}  // namespace
}  // namespace nacre
