// OpenVINO behind the interfaces: right numbers, any batch, errors as values, IR on disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "graph/builder.h"
#include "onnx/onnx.h"
#include "target/target.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

Network Small(int64_t batch) {
  NetworkBuilder b("small", "image", {batch, 3, 8, 8}, Random(1));
  const std::string x = b.Activation(b.Conv("image", {.out = 8, .stride = 2}), "Relu");
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool(x)), 5), "logits");
}

// y = a - 2 b, z = a + b: two inputs, two outputs, given in an order that is not the alphabet's.
Network TwoByTwo() {
  Network network;
  network.inputs = {{"b", DataType::kFloat, {kDynamic, 2}}, {"a", DataType::kFloat, {kDynamic, 2}}};
  network.outputs = {{"z", DataType::kFloat, {kDynamic, 2}},
                     {"y", DataType::kFloat, {kDynamic, 2}}};
  network.initializers["two"] = Tensor::Scalar(2);
  network.nodes = {{.name = "n1", .op = "Mul", .inputs = {"b", "two"}, .outputs = {"twice"}},
                   {.name = "n2", .op = "Sub", .inputs = {"a", "twice"}, .outputs = {"y"}},
                   {.name = "n3", .op = "Add", .inputs = {"a", "b"}, .outputs = {"z"}}};
  return network;
}

Tensor Noise(Shape shape) {
  Random random(2);
  std::vector<float> values(ElementCount(shape));
  for (float& value : values) value = static_cast<float>(random.Normal());
  return Tensor::Floats(std::move(shape), values);
}

TEST(OpenVino, KeepsTheOrderOfInputsAndOutputs) {
  const auto compiler = MakeOpenVinoCompiler();
  const auto compiled = compiler->Compile(TwoByTwo(), {.batch = kDynamic});
  ASSERT_TRUE(compiled) << compiled.error().message;
  const std::vector<Tensor> inputs = {Tensor::Floats({1, 2}, {1, 2}),
                                      Tensor::Floats({1, 2}, {10, 20})};
  const auto outputs = (*compiled)->Run(inputs);
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ((*outputs)[0].ToFloats(), (std::vector<float>{11, 22}));
  EXPECT_EQ((*outputs)[1].ToFloats(), (std::vector<float>{8, 16}));
}

TEST(OpenVino, BatchIsFixedOrDynamicWhateverTheNetworkSays) {
  const auto compiler = MakeOpenVinoCompiler();
  for (const int64_t batch : {int64_t{1}, kDynamic}) {
    const auto dynamic = compiler->Compile(Small(batch), {.batch = kDynamic});
    ASSERT_TRUE(dynamic) << dynamic.error().message;
    const Tensor four = Noise({4, 3, 8, 8});
    const auto outputs = (*dynamic)->Run({&four, 1});
    ASSERT_TRUE(outputs) << outputs.error().message;
    EXPECT_EQ((*outputs)[0].shape(), (Shape{4, 5}));

    const auto fixed = compiler->Compile(Small(batch), {.batch = 4});
    ASSERT_TRUE(fixed) << fixed.error().message;
    const auto again = (*fixed)->Run({&four, 1});
    ASSERT_TRUE(again) << again.error().message;
    const auto one = (*outputs)[0].ToFloats(), other = (*again)[0].ToFloats();
    for (size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], other[i], 1e-4);
  }
}

TEST(OpenVino, TimingLeavesRunAlone) {
  const auto compiler = MakeOpenVinoCompiler();
  const auto compiled = compiler->Compile(Small(1), {});
  ASSERT_TRUE(compiled) << compiled.error().message;
  const Tensor image = Noise({1, 3, 8, 8});
  const auto before = (*compiled)->Run({&image, 1});
  (*compiled)->RunOnce();
  const auto after = (*compiled)->Run({&image, 1});
  ASSERT_TRUE(before && after);
  EXPECT_EQ((*before)[0], (*after)[0]);
}

TEST(OpenVino, FailuresAreValues) {
  const auto compiler = MakeOpenVinoCompiler();
  Network broken = Small(1);
  broken.nodes[0].op = "NoSuchOperation";
  const auto failed = compiler->Compile(broken, {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::kTarget);
  EXPECT_THAT(failed.error().message, HasSubstr("NoSuchOperation"));
  EXPECT_EQ(failed.error().message.find('\n'), std::string::npos);

  const auto compiled = compiler->Compile(Small(1), {});
  ASSERT_TRUE(compiled);
  const Tensor wrong = Noise({1, 3, 9, 9});
  EXPECT_FALSE((*compiled)->Run({&wrong, 1}));
  EXPECT_FALSE((*compiled)->Run({}));
}

TEST(OpenVino, ExportsIrWholeOrNotAtAll) {
  const auto compiler = MakeOpenVinoCompiler();
  const fs::path folder = fs::temp_directory_path() / "nacre-export-test";
  fs::remove_all(folder);
  ASSERT_TRUE(compiler->Export(Small(kDynamic), (folder / "model").string()));
  EXPECT_TRUE(fs::exists(folder / "model.xml"));
  EXPECT_TRUE(fs::exists(folder / "model.bin"));
  std::ifstream xml(folder / "model.xml");
  const std::string text{std::istreambuf_iterator<char>(xml), {}};
  EXPECT_THAT(text, HasSubstr("logits"));
  EXPECT_EQ(text.find("FP16"), std::string::npos);

  Network broken = Small(1);
  broken.nodes[0].op = "NoSuchOperation";
  EXPECT_FALSE(compiler->Export(broken, (folder / "broken").string()));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 2);
  fs::remove_all(folder);
}

TEST(OpenVino, GivenModelsCompile) {
  const fs::path model = fs::path(NACRE_SOURCE_DIR) / "../shared/models/resnet20-cifar10.onnx";
  if (!fs::exists(model)) GTEST_SKIP() << "no shared models";
  const auto network = ReadOnnx(model);
  ASSERT_TRUE(network) << network.error().message;
  const auto compiled = MakeOpenVinoCompiler()->Compile(*network, {.batch = 1});
  ASSERT_TRUE(compiled) << compiled.error().message;
  const Tensor image = Noise({1, 3, 32, 32});
  const auto outputs = (*compiled)->Run({&image, 1});
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ((*outputs)[0].shape(), (Shape{1, 10}));
}

TEST(OpenVino, InspectsThisMachine) {
  const MachineInfo machine = InspectMachine();
  EXPECT_THAT(machine.compiler, HasSubstr("OpenVINO 20"));
  EXPECT_GE(machine.cores, 1);
  EXPECT_GT(machine.memory.count, 0);
}

}  // namespace
}  // namespace nacre
