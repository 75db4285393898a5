// Files compared, and layers timed, by OpenVINO.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "graph/builder.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "target/compare.h"
#include "target/profile_layers.h"

namespace nacre {
namespace {

using testing::HasSubstr;

Network TwoLayers(uint64_t seed, int64_t classes = 4) {
  NetworkBuilder b("net", "image", {kDynamic, 3, 16, 16}, Random(seed));
  const std::string x = b.ConvBn("image", {.out = 8}, "Relu");
  const std::string y = b.GlobalAveragePool(b.ConvBn(x, {.out = 8}, "Relu"));
  return std::move(b).Finish(b.Linear(b.Flatten(y), classes), "logits");
}

class CompareTest : public testing::Test {
 protected:
  CompareTest() {
    folder_ =
        std::filesystem::temp_directory_path() / ("nacre-compare-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  ~CompareTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path Written(const std::string& name, const Network& network) const {
    EXPECT_TRUE(WriteOnnx(network, folder_ / name));
    return folder_ / name;
  }
  static Expected<std::vector<OutputDifference>> Compared(const std::filesystem::path& a,
                                                          const std::filesystem::path& b) {
    return CompareFiles(a, b, {{"image", DataType::kFloat, {1, 3, 16, 16}}}, {"logits"}, 1);
  }

  std::filesystem::path folder_;
};

TEST_F(CompareTest, AFileIsEqualToItself) {
  const auto file = Written("a.onnx", TwoLayers(1));
  const auto differences = Compared(file, file);
  ASSERT_TRUE(differences) << differences.error().message;
  ASSERT_EQ(differences->size(), 1u);
  EXPECT_EQ(differences->at(0).name, "logits");
  EXPECT_EQ(differences->at(0).largest, 0);
  EXPECT_GT(differences->at(0).magnitude, 0);
}

TEST_F(CompareTest, OtherWeightsMakeADifference) {
  const auto differences =
      Compared(Written("a.onnx", TwoLayers(1)), Written("b.onnx", TwoLayers(2)));
  ASSERT_TRUE(differences) << differences.error().message;
  EXPECT_GT(differences->at(0).relative(), 0.01);
}

TEST_F(CompareTest, OtherShapesAndBrokenFilesAreErrors) {
  const auto file = Written("a.onnx", TwoLayers(1));
  const auto shapes = Compared(file, Written("five.onnx", TwoLayers(1, 5)));
  ASSERT_FALSE(shapes);
  EXPECT_EQ(shapes.error().kind, ErrorKind::kModel);
  EXPECT_THAT(shapes.error().message, HasSubstr("'logits' has the shape [1,4] before"));
  std::ofstream(folder_ / "broken.onnx") << "no model";
  const auto broken = Compared(file, folder_ / "broken.onnx");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().kind, ErrorKind::kInternal);
  EXPECT_THAT(broken.error().message, HasSubstr("broken.onnx"));
  const auto original = Compared(folder_ / "broken.onnx", file);
  ASSERT_FALSE(original);
  EXPECT_EQ(original.error().kind, ErrorKind::kTarget);
}

TEST_F(CompareTest, NaNsSayNothing) {
  Network network = {.name = "logarithm",
                     .inputs = {{"image", DataType::kFloat, {1, 3, 16, 16}}},
                     .outputs = {{"logits", DataType::kFloat, {1, 3, 16, 16}}}};
  network.nodes = {{.name = "abs", .op = "Abs", .inputs = {"image"}, .outputs = {"above"}},
                   {.name = "neg", .op = "Neg", .inputs = {"above"}, .outputs = {"below"}},
                   {.name = "log", .op = "Log", .inputs = {"below"}, .outputs = {"logits"}}};
  const auto file = Written("nan.onnx", network);
  const auto differences = Compared(file, file);
  ASSERT_TRUE(differences) << differences.error().message;
  EXPECT_FALSE(differences->at(0).says_something);
  EXPECT_TRUE(Compared(Written("a.onnx", TwoLayers(1)), folder_ / "a.onnx")->at(0).says_something);
}

TEST_F(CompareTest, LayersAreTimedUnderTheNamesOfTheirNodes) {
  const Network network = FoldBatchNorm(TwoLayers(1));
  const auto layers = ProfileLayers(network, {}, Seconds(0.05));
  ASSERT_TRUE(layers) << layers.error().message;
  std::set<std::string> names;
  double sum = 0;
  for (const LayerTime& layer : *layers) {
    names.insert(layer.names.begin(), layer.names.end());
    EXPECT_GE(layer.microseconds, 0);
    sum += layer.microseconds;
  }
  EXPECT_GT(sum, 0);
  int found = 0;
  for (const Node& node : network.nodes) {
    const bool known = names.count(node.name) > 0 || names.count(node.outputs[0]) > 0;
    found += node.op == "Conv" && known ? 1 : 0;
  }
  EXPECT_EQ(found, 2) << testing::PrintToString(names);
}

}  // namespace
}  // namespace nacre
