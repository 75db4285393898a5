// What the classifier reads, as something to learn: which value it is, what the teacher answers
// there, and that students learn it.
#include <gtest/gtest.h>

#include "graph/builder.h"
#include "testing/bars.h"
#include "train/train.h"

namespace nacre {
namespace {

const ImageSet& Images() {
  static const ImageSet set = Bars(256, 1);
  return set;
}

TeacherOutputs OutputsOf(const Network& teacher) {
  const auto outputs = PrecomputeTeacher(teacher, Images(),
                                         {.variants = 1,
                                          .augmentation = {.flip = false, .shift = 0},
                                          .compute = {.threads = 1},
                                          .features = true});
  EXPECT_TRUE(outputs) << outputs.error().message;
  return *outputs;
}

// Mean squared difference of what two networks' classifiers read.
double Apart(const TeacherOutputs& a, const TeacherOutputs& b) {
  EXPECT_EQ(a.features.size(), b.features.size());
  double sum = 0;
  for (size_t i = 0; i < a.features.size(); ++i)
    sum += (a.features[i] - b.features[i]) * (a.features[i] - b.features[i]);
  return sum / static_cast<double>(a.features.size());
}

TEST(ClassifierInput, IsWhatTheLastFullyConnectedLayerReads) {
  NetworkBuilder gemm("gemm", "image", {kDynamic, 3, 8, 8}, Random(1));
  const std::string vector = gemm.Flatten(gemm.GlobalAveragePool(gemm.ConvBn("image", {.out = 8})));
  Network network = std::move(gemm).Finish(gemm.Linear(vector, 4), "logits");
  EXPECT_EQ(ClassifierInput(network), vector);
  // As exporters write a layer without Gemm: the bias on top of the product.
  for (Node& node : network.nodes) {
    if (node.op != "Gemm") continue;
    Node add = node;
    node.op = "MatMul";
    node.outputs[0] = "product";
    add.op = "Add";
    add.inputs = {node.inputs[2], "product"};
    node.inputs.pop_back();
    network.nodes.push_back(add);
    break;
  }
  EXPECT_EQ(ClassifierInput(network), vector);
}

TEST(ClassifierInput, IsNothingWhereAConvolutionClassifies) {
  NetworkBuilder builder("conv", "image", {kDynamic, 3, 8, 8}, Random(1));
  const std::string maps = builder.Conv("image", {.out = 4});
  const Network network =
      std::move(builder).Finish(builder.Flatten(builder.GlobalAveragePool(maps)), "logits");
  EXPECT_EQ(ClassifierInput(network), "");
  const auto outputs = PrecomputeTeacher(
      network, Images(), {.variants = 1, .compute = {.threads = 1}, .features = true});
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(outputs->width, 0);
  EXPECT_TRUE(outputs->features.empty());
  EXPECT_TRUE(Train(network, Images(), &*outputs,
                    {.epochs = 0.5, .loss = {.hint = 1}, .compute = {.threads = 1}}));
}

TEST(PrecomputeTeacher, TellsWhatTheClassifierReads) {
  const Network teacher = BarNetwork(1);
  const TeacherOutputs outputs = OutputsOf(teacher);
  const Node& last = teacher.nodes.back();
  ASSERT_EQ(last.op, "Gemm");
  ASSERT_EQ(last.Int("transB", 0), 1);
  const auto weight = teacher.initializers.at(last.inputs[1]).ToFloats(),
             bias = teacher.initializers.at(last.inputs[2]).ToFloats();
  ASSERT_EQ(static_cast<int64_t>(outputs.features.size()), Images().count() * outputs.width);
  for (int64_t image : {int64_t{0}, Images().count() - 1}) {
    for (int64_t c = 0; c < outputs.classes; ++c) {
      double logit = bias[c];
      for (int64_t k = 0; k < outputs.width; ++k)
        logit += weight[c * outputs.width + k] * outputs.features[image * outputs.width + k];
      EXPECT_NEAR(outputs.logits[image * outputs.classes + c], logit, 1e-4);
    }
  }
}

TEST(Train, TheHintBringsTheStudentsFeaturesToTheTeachers) {
  TrainOptions options{.epochs = 6,
                       .batch = 64,
                       .optimizer = {.learning_rate = 0.05},
                       .seed = 3,
                       .compute = {.threads = 1}};
  const TeacherOutputs teacher =
      OutputsOf(Train(BarNetwork(1), Images(), nullptr, options)->network);
  ASSERT_GT(teacher.width, 0);
  const auto without = Train(BarNetwork(9), Images(), &teacher, options);
  options.loss.hint = 10;
  const auto with = Train(BarNetwork(9), Images(), &teacher, options);
  ASSERT_TRUE(without && with);
  EXPECT_LT(Apart(OutputsOf(with->network), teacher),
            0.5 * Apart(OutputsOf(without->network), teacher));
}

TEST(Train, OutputsThatLackFeaturesAreRefused) {
  TeacherOutputs teacher = OutputsOf(BarNetwork(1));
  teacher.features.pop_back();
  const auto result = Train(BarNetwork(9), Images(), &teacher,
                            {.epochs = 0.1, .loss = {.hint = 1}, .compute = {.threads = 1}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kModel);
}

}  // namespace
}  // namespace nacre
