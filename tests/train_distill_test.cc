// What is made with a trained teacher: its answers, recalibration, distillation of parts, scores.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "graph/blocks.h"
#include "graph/builder.h"
#include "tests/train_networks.h"
#include "train/distill.h"
#include "train/score.h"
#include "train/statistics.h"
#include "train/teacher.h"
#include "train/tune_int8.h"

namespace nacre {
namespace {

TEST(PrecomputeTeacher, IsPredictWhenNothingIsAugmented) {
  const TeacherOptions options{
      .variants = 2, .augmentation = {.flip = false, .shift = 0}, .compute = {.threads = 1}};
  const auto outputs = PrecomputeTeacher(Teacher(), TestSet(), options);
  ASSERT_TRUE(outputs) << outputs.error().message;
  const auto logits = Predict(Teacher(), TestSet(), 100);
  const auto plain = logits->floats();
  ASSERT_EQ(outputs->logits.size(), 2 * plain.size());
  EXPECT_EQ(outputs->classes, kClasses);
  for (size_t i = 0; i < plain.size(); ++i) {
    EXPECT_NEAR(outputs->logits[i], plain[i], 1e-3);
    EXPECT_EQ(outputs->logits[i], outputs->logits[plain.size() + i]);
  }
}

TEST(PrecomputeTeacher, AnswersMirrorImagesWithTheirMean) {
  TeacherOptions options{
      .variants = 3, .augmentation = {.mirrored = true, .shift = 2}, .compute = {.threads = 1}};
  const auto mean = PrecomputeTeacher(Teacher(), TestSet(), options);
  std::vector<std::vector<float>> own;  // of each variant
  options.forward = [&](const Tensor& images) -> Expected<TeacherAnswer> {
    const auto floats = images.floats();
    own.emplace_back(floats.begin(), floats.end());
    std::vector<float> logits(static_cast<size_t>(images.shape()[0] * kClasses),
                              static_cast<float>(own.size()));
    return TeacherAnswer{.logits = Tensor::Floats({images.shape()[0], kClasses}, logits)};
  };
  options.batch = TestSet().count();
  const auto counted = PrecomputeTeacher(Teacher(), TestSet(), options);
  ASSERT_TRUE(mean && counted);
  const size_t size = mean->logits.size() / 3;
  for (size_t k = 0; k < size; ++k) {
    EXPECT_EQ(mean->logits[k], mean->logits[size + k]);
    EXPECT_EQ(counted->logits[k], 1.5f);
    EXPECT_EQ(counted->logits[size + k], 1.5f);
    EXPECT_EQ(counted->logits[2 * size + k], 3);
  }
  EXPECT_NE(own[0], own[1]);
}

TEST(PrecomputeTeacher, TakesTheOutputsOfWhateverRunsTheTeacher) {
  int64_t seen = 0, calls = 0;
  TeacherOptions options{.variants = 2, .compute = {.threads = 1}};
  options.batch = 100;
  options.forward = [&](const Tensor& images) -> Expected<TeacherAnswer> {
    EXPECT_LE(images.shape()[0], 100);
    EXPECT_EQ((Shape{images.shape()[0], 3, 8, 8}), images.shape());
    std::vector<float> logits;
    for (int64_t i = 0; i < images.shape()[0]; ++i)
      logits.insert(logits.end(), {static_cast<float>(seen++), 0, 0, 0});
    ++calls;
    return TeacherAnswer{.logits = Tensor::Floats({images.shape()[0], kClasses}, logits)};
  };
  const auto outputs = PrecomputeTeacher(Teacher(), TestSet(), options);
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(calls, 2 * 3);
  ASSERT_EQ(seen, 2 * TestSet().count());
  for (int64_t i = 0; i < seen; ++i)
    EXPECT_EQ(outputs->logits[static_cast<size_t>(i * kClasses)], static_cast<float>(i));
  options.forward = [](const Tensor&) -> Expected<TeacherAnswer> {
    return Fail(ErrorKind::kTarget, "gone");
  };
  EXPECT_EQ(PrecomputeTeacher(Teacher(), TestSet(), options).error().message, "gone");
}

// All labels are wrong: only the teacher can have taught this.
TEST(Train, LearnsFromTheTeacherAlone) {
  ImageSet wrong = TrainSet();
  for (int& label : wrong.labels) label = 0;
  const auto outputs = PrecomputeTeacher(
      Teacher(), wrong,
      {.variants = 3, .augmentation = {.flip = true, .shift = 1}, .compute = {.threads = 1}});
  ASSERT_TRUE(outputs) << outputs.error().message;
  TrainOptions options = Quick();
  options.loss.distill = 1;
  const auto student = Train(Small(9), wrong, &*outputs, options);
  ASSERT_TRUE(student) << student.error().message;
  EXPECT_GT(Agreement(Best(student->network, TestSet()), Best(Teacher(), TestSet())), 0.95);
}

TEST(RecalibrateBatchNorm, FindsTheStatisticsOfTheData) {
  Network broken = Teacher();
  std::string conv, mean, variance;
  for (const Node& node : broken.nodes) {
    if (node.op != "BatchNormalization") continue;
    if (conv.empty()) {
      conv = node.inputs[0];
      mean = node.inputs[3];
      variance = node.inputs[4];
    }
    for (int i : {3, 4})
      broken.initializers[node.inputs[i]] =
          Tensor::Floats(broken.initializers[node.inputs[i]].shape(),
                         std::vector<float>(broken.initializers[node.inputs[i]].count(), 50));
  }
  EXPECT_LT(Agreement(Best(broken, TestSet()), TestSet().labels), 0.6);
  const auto repaired = RecalibrateBatchNorm(broken, TrainSet(), 128);
  ASSERT_TRUE(repaired) << repaired.error().message;
  EXPECT_GT(Agreement(Best(*repaired, TestSet()), TestSet().labels), 0.95);
  const auto measured = MeasureChannels(broken, {conv}, TrainSet());
  ASSERT_TRUE(measured) << measured.error().message;
  const auto own_mean = repaired->initializers.at(mean).ToFloats();
  const auto own_variance = repaired->initializers.at(variance).ToFloats();
  for (size_t c = 0; c < own_mean.size(); ++c) {
    EXPECT_NEAR(own_mean[c], measured->at(conv).mean[c], 1e-3);
    EXPECT_NEAR(own_variance[c], measured->at(conv).variance[c], 0.02 * own_variance[c]);
  }
  EXPECT_FALSE(MeasureChannels(broken, {"nothing"}, TrainSet()));
}

// The residual block of the teacher, a fresh plain convolution for it, and a job that names no
// value of the teacher.
std::vector<SpanJob> Jobs(const Block& block) {
  NetworkBuilder builder("fragment", "in", {kDynamic, 8, 8, 8}, Random(2));
  const std::string out = builder.ConvBn("in", {.out = 8});
  const Network plain = std::move(builder).Finish(out, "out");
  return {{block.input, block.output, Extract(Teacher(), block.input, block.output)},
          {block.input, block.output, plain},
          {"nothing", block.output, plain}};
}

Block Residual() {
  const auto blocks = FindBlocks(Teacher());
  EXPECT_TRUE(blocks);
  for (const Block& block : *blocks) {
    if (block.kind == "residual") return block;
  }
  ADD_FAILURE() << "no residual block";
  return {};
}

TEST(DistillSpans, ReducesTheErrorAndKeepsFailuresInTheirPlace) {
  const auto jobs = Jobs(Residual());
  DistillOptions options{.images = 512, .epochs = 0.25, .batch = 32, .compute = {.threads = 1}};
  options.solve_start = false;
  const auto little = DistillSpans(Teacher(), jobs, TrainSet(), options);
  options.epochs = 10;
  const auto much = DistillSpans(Teacher(), jobs, TrainSet(), options);
  ASSERT_TRUE(little && much);
  ASSERT_EQ(much->size(), 3u);
  ASSERT_TRUE((*much)[1]) << (*much)[1].error().message;
  EXPECT_LT((*much)[1]->error, 0.5 * (*little)[1]->error);
  ASSERT_FALSE((*much)[2]);
  EXPECT_EQ((*much)[2].error().kind, ErrorKind::kModel);
}

// A block with noise on its weights can be perfect again.
TEST(DistillSpans, RepairsADamagedBlock) {
  const Block block = Residual();
  Network damaged = Extract(Teacher(), block.input, block.output);
  Random random(6);
  for (auto& [name, tensor] : damaged.initializers) {
    if (tensor.shape().size() != 4) continue;
    std::vector<float> values = tensor.ToFloats();
    for (float& value : values) value += static_cast<float>(0.1 * random.Normal());
    tensor = Tensor::Floats(tensor.shape(), values);
  }
  const std::vector<SpanJob> jobs = {{block.input, block.output, damaged}};
  DistillOptions options{
      .images = 512, .epochs = 10, .batch = 32, .learning_rate = 0, .compute = {.threads = 1}};
  options.solve_start = false;
  const auto before = DistillSpans(Teacher(), jobs, TrainSet(), options);
  ASSERT_TRUE(before && (*before)[0]);
  EXPECT_GT((*before)[0]->error, 0.02);
  options.learning_rate = DistillOptions().learning_rate;
  for (const bool bf16 : {false, true}) {
    options.compute.bf16 = bf16;
    const auto after = DistillSpans(Teacher(), jobs, TrainSet(), options);
    ASSERT_TRUE(after && (*after)[0]);
    EXPECT_LT((*after)[0]->error, 0.2 * (*before)[0]->error) << (bf16 ? "bfloat16" : "float");
  }
}

// Of the same form as the teacher's convolution, so that the least squares have no error but that
// of batch statistics.
TEST(DistillSpans, SolvesForTheLastConvolution) {
  const auto blocks = FindBlocks(Teacher());
  ASSERT_TRUE(blocks);
  const auto block = std::find_if(blocks->begin(), blocks->end(), [](const Block& each) {
    return each.kind == "convolution" && each.input_shape[2] == each.output_shape[2];
  });
  ASSERT_NE(block, blocks->end());
  Shape shape = block->input_shape;
  shape[0] = kDynamic;
  NetworkBuilder builder("fragment", "in", shape, Random(2));
  const std::string out = builder.ConvBn("in", {.out = block->output_shape[1]});
  const Network fresh = std::move(builder).Finish(out, "out");
  DistillOptions options{.images = 512, .batch = 64, .learning_rate = 0, .compute = {.threads = 1}};
  const auto error_of = [&](bool solve, const Network& fragment, const Block& of) {
    options.solve_start = solve;
    const auto results =
        DistillSpans(Teacher(), {{of.input, of.output, fragment}}, TrainSet(), options);
    EXPECT_TRUE(results && (*results)[0]);
    return (*results)[0]->error;
  };
  EXPECT_GT(error_of(false, fresh, *block), 0.1);
  EXPECT_LT(error_of(true, fresh, *block), 1e-2);
  // A residual block's last convolution, from the random features of its first one.
  const Block residual = Residual();
  NetworkBuilder other("fragment", "in", {kDynamic, 8, 8, 8}, Random(2));
  const std::string inner = other.ConvBn("in", {.out = 8});
  const std::string sum = other.Add(other.ConvBn(inner, {.out = 8}, ""), "in");
  const Network block_of_two = std::move(other).Finish(other.Activation(sum, "Relu"), "out");
  EXPECT_LT(error_of(true, block_of_two, residual), 0.5 * error_of(false, block_of_two, residual));
  // What is right already stays: nothing is nearer.
  const Network same = Extract(Teacher(), residual.input, residual.output);
  EXPECT_LT(error_of(true, same, residual), 1e-2);
}

TEST(DistillSpans, FindsNoErrorInAFragmentWithoutParametersThatIsRight) {
  Network identity;
  identity.name = "identity";
  identity.inputs = {{"in", DataType::kFloat, {kDynamic, 8, 8, 8}}};
  identity.outputs = {{"out", DataType::kFloat, {kDynamic, 8, 8, 8}}};
  identity.nodes = {{.name = "node", .op = "Identity", .inputs = {"in"}, .outputs = {"out"}}};
  const Block block = Residual();
  const auto same = DistillSpans(Teacher(), {{block.input, block.input, identity}}, TrainSet(),
                                 {.images = 64, .compute = {.threads = 1}});
  ASSERT_TRUE(same && (*same)[0]);
  EXPECT_EQ((*same)[0]->error, 0);
}

TEST(ScoreReplacements, RanksTheOriginalAboveADistilledAboveAFresh) {
  const Block block = Residual();
  std::vector<SpanJob> jobs = Jobs(block);
  const auto distilled =
      DistillSpans(Teacher(), {jobs[1]}, TrainSet(),
                   {.images = 512, .epochs = 10, .batch = 32, .compute = {.threads = 1}});
  ASSERT_TRUE(distilled && (*distilled)[0]);
  jobs.push_back({block.input, block.output, (*distilled)[0]->fragment});
  const auto scores = ScoreReplacements(Teacher(), jobs, TestSet(), {.threads = 1});
  ASSERT_TRUE(scores) << scores.error().message;
  const auto &original = (*scores)[0], &fresh = (*scores)[1], &missing = (*scores)[2],
             &taught = (*scores)[3];
  ASSERT_TRUE(original && fresh && taught);
  EXPECT_FALSE(missing);
  EXPECT_LT(original->divergence, 0.02);
  EXPECT_GT(original->agreement, 0.98);
  EXPECT_GT(fresh->divergence, taught->divergence);
  EXPECT_GT(taught->agreement, 0.9);
}

TEST(Compute, AnotherDeviceIsRefusedByEveryEntryPoint) {
  const Compute elsewhere{.device = "cuda"};
  const auto expect_refusal = [](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kUsage);
    EXPECT_NE(result.error().message.find("cuda"), std::string::npos);
  };
  TrainOptions train = Quick();
  train.compute = elsewhere;
  expect_refusal(Train(Small(), TrainSet(), nullptr, train));
  expect_refusal(PrecomputeTeacher(Small(), TrainSet(), {.compute = elsewhere}));
  expect_refusal(DistillSpans(Small(), {}, TrainSet(), {.compute = elsewhere}));
  expect_refusal(ScoreReplacements(Small(), {}, TrainSet(), elsewhere));
  expect_refusal(TuneForInt8(Small(), {.images = &TrainSet(), .compute = elsewhere}));
}

}  // namespace
}  // namespace nacre
