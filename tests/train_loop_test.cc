// Training, distilling and scoring of tiny networks on a synthetic image set, through the public
// headers alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "graph/blocks.h"
#include "graph/builder.h"
#include "testing/bars.h"
#include "train/distill.h"
#include "train/predict.h"
#include "train/score.h"
#include "train/statistics.h"
#include "train/teacher.h"
#include "train/train.h"
#include "train/tune_int8.h"

namespace nacre {
namespace {

constexpr int kClasses = kBarClasses;

Network Small(uint64_t seed = 1) { return BarNetwork(seed); }

const ImageSet& TrainSet() {
  static const ImageSet set = Bars(512, 1);
  return set;
}
const ImageSet& TestSet() {
  static const ImageSet set = Bars(256, 2);
  return set;
}

TrainOptions Quick() {
  return {.epochs = 8,
          .batch = 64,
          .optimizer = {.learning_rate = 0.1},
          .augmentation = {.flip = true, .shift = 1},
          .seed = 3,
          .compute = {.threads = 1}};
}

std::vector<int> Best(const Network& network, const ImageSet& set) {
  const auto logits = Predict(network, set);
  EXPECT_TRUE(logits) << logits.error().message;
  const auto values = logits->floats();
  std::vector<int> best;
  for (int64_t i = 0; i < set.count(); ++i) {
    const auto row = values.begin() + i * kClasses;
    best.push_back(static_cast<int>(std::max_element(row, row + kClasses) - row));
  }
  return best;
}

double Agreement(const std::vector<int>& a, const std::vector<int>& b) {
  double same = 0;
  for (size_t i = 0; i < a.size(); ++i) same += a[i] == b[i];
  return same / static_cast<double>(a.size());
}

const Network& Teacher() {
  static const Network network = Train(Small(), TrainSet(), nullptr, Quick())->network;
  return network;
}

double Difference(const Network& a, const Network& b) {
  double most = 0;
  for (const auto& [name, tensor] : a.initializers) {
    const auto x = tensor.ToFloats(), y = b.initializers.at(name).ToFloats();
    for (size_t i = 0; i < x.size(); ++i)
      most = std::max(most, std::abs(static_cast<double>(x[i]) - y[i]));
  }
  return most;
}

TEST(Train, LearnsAnEasySet) {
  EXPECT_LT(Agreement(Best(Small(), TestSet()), TestSet().labels), 0.6);
  EXPECT_GT(Agreement(Best(Teacher(), TestSet()), TestSet().labels), 0.95);
}

TEST(Train, IsAFunctionOfItsSeed) {
  for (const bool bf16 : {false, true}) {
    SCOPED_TRACE(bf16 ? "bfloat16" : "float");
    TrainOptions options = Quick();
    options.epochs = 1;
    options.compute.bf16 = bf16;
    const auto first = Train(Small(), TrainSet(), nullptr, options);
    const auto second = Train(Small(), TrainSet(), nullptr, options);
    options.seed = 4;
    const auto other = Train(Small(), TrainSet(), nullptr, options);
    EXPECT_EQ(Difference(first->network, second->network), 0);
    EXPECT_GT(Difference(first->network, other->network), 1e-4);
  }
}

// Without batch-norm the sum over shares is the sum over the batch; a network with it is a function
// of its seed all the same.
TEST(Train, SharesBatchesBetweenThreads) {
  NetworkBuilder builder("plain", "image", {kDynamic, 3, 8, 8}, Random(5));
  const std::string maps = builder.Activation(builder.Conv("image", {.out = 8}), "Relu");
  const Network plain = std::move(builder).Finish(
      builder.Linear(builder.Flatten(builder.GlobalAveragePool(maps)), kClasses), "logits");
  TrainOptions options = Quick();
  options.epochs = 1;
  const auto alone = Train(plain, TrainSet(), nullptr, options);
  const auto alone_with = Train(Small(), TrainSet(), nullptr, options);
  options.compute.threads = 2;
  const auto shared = Train(plain, TrainSet(), nullptr, options);
  const auto with = Train(Small(), TrainSet(), nullptr, options);
  const auto again = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_TRUE(alone && alone_with && shared && with && again);
  EXPECT_LT(Difference(alone->network, shared->network), 1e-4);
  EXPECT_NEAR(alone->loss, shared->loss, 1e-4);
  EXPECT_EQ(Difference(with->network, again->network), 0);
  EXPECT_GT(Difference(with->network, alone_with->network), 0);
}

void ExpectToGoOnAsIfNeverStopped(double average, int weight_bits, int threads) {
  TrainOptions options = Quick();
  options.epochs = 2;
  options.average = average;
  options.weight_bits = weight_bits;
  options.compute.threads = threads;
  const auto whole = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_TRUE(whole->state.empty());
  options.stop_after = 7;
  const auto part = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_TRUE(part) << part.error().message;
  EXPECT_EQ(part->steps, 7);
  ASSERT_FALSE(part->state.empty());
  options.stop_after = 0;
  options.resume_state = part->state;
  const auto rest = Train(part->network, TrainSet(), nullptr, options);
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_EQ(rest->steps, whole->steps);
  EXPECT_LT(Difference(whole->network, rest->network), 1e-5)
      << average << " " << weight_bits << " " << threads;
}

TEST(Train, GoesOnAsIfNeverStopped) {
  for (const double average : {0.0, 0.9}) {
    for (const int weight_bits : {0, 8}) {
      if (average > 0 && weight_bits > 0) continue;
      for (const int threads : {1, 2}) ExpectToGoOnAsIfNeverStopped(average, weight_bits, threads);
    }
  }
}

TEST(Train, RefusesAStateThatDoesNotFit) {
  TrainOptions options = Quick();
  options.stop_after = 1;
  const auto part = Train(Small(), TrainSet(), nullptr, options);
  NetworkBuilder builder("other", "image", {kDynamic, 3, 8, 8}, Random(1));
  const std::string logits = builder.Linear(builder.Flatten("image"), kClasses);
  const Network other = std::move(builder).Finish(logits, "logits");
  options.resume_state = part->state;
  EXPECT_FALSE(Train(other, TrainSet(), nullptr, options));
  options.resume_state = "garbage";
  const auto broken = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().kind, ErrorKind::kData);
}

TEST(Train, RefusesAStateThatIsNotOfATraining) {
  TrainOptions options = Quick();
  options.resume_state = std::string("\2\0\0\0\0\0\0\0{}", 10);  // safetensors of nothing
  const auto result = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kData);
  EXPECT_NE(result.error().message.find("lacks its step"), std::string::npos);
}

TEST(Train, DivergenceIsAValue) {
  TrainOptions options = Quick();
  options.optimizer.learning_rate = 1e30;
  const auto result = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInternal);
  EXPECT_NE(result.error().message.find("step"), std::string::npos);
}

TEST(Train, LabelsAndTeacherMustFitTheNetwork) {
  ImageSet wrong = TrainSet();
  wrong.labels[5] = kClasses;
  const auto labels = Train(Small(), wrong, nullptr, Quick());
  ASSERT_FALSE(labels);
  EXPECT_EQ(labels.error().kind, ErrorKind::kModel);
  EXPECT_NE(labels.error().message.find("class 4"), std::string::npos);
  TeacherOutputs teacher{.seed = 1, .variants = 2, .classes = kClasses};
  teacher.logits.resize(static_cast<size_t>(2 * TrainSet().count() * kClasses - 1));
  const auto taught = Train(Small(), TrainSet(), &teacher, Quick());
  ASSERT_FALSE(taught);
  EXPECT_EQ(taught.error().kind, ErrorKind::kModel);
}

TEST(Train, StopsWhenToldTo) {
  TrainOptions options = Quick();
  options.progress = [](const TrainProgress& progress) { return progress.step < 20; };
  const auto result = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInterrupted);
}

class TickingClock : public Clock {
 public:
  Seconds Now() const override { return now_ += Seconds(1); }

 private:
  mutable Seconds now_{0};
};

// Many more epochs than there is time for.
TrainOptions Until(const Clock& clock, Seconds deadline) {
  TrainOptions options = Quick();
  options.epochs = 1000;
  options.clock = &clock;
  options.deadline = deadline;
  return options;
}

TEST(Train, EndsByTheDeadline) {
  const TickingClock clock;
  const TrainOptions options = Until(clock, Seconds(90));
  const auto result = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->state.empty());
  EXPECT_GT(result->steps, 5);
  EXPECT_LT(result->steps, 90);
}

TEST(Train, EndsByTheDeadlineInParts) {
  const TickingClock clock;
  TrainOptions options = Until(clock, Seconds(150));
  int64_t most = 0;
  options.progress = [&](const TrainProgress& at) {
    most = std::max(most, at.steps);
    return true;
  };
  Network network = Small();
  int parts = 0;
  do {
    options.stop_after += 10;
    const auto part = Train(network, TrainSet(), nullptr, options);
    ASSERT_TRUE(part) << part.error().message;
    ASSERT_LT(++parts, 20);
    network = part->network;
    options.resume_state = part->state;
  } while (!options.resume_state.empty());
  EXPECT_GT(parts, 2);
  EXPECT_LT(clock.Now(), Seconds(160));
  // A part that forgot how far the ones before had come would plan more steps.
  EXPECT_LT(most, 100);
}

// Every channel is a multiple of its largest value over the levels, so that whoever quantizes it
// anew finds the same scale.
void ExpectOnGrid(const Network& network, int bits) {
  const double most = (1 << (bits - 1)) - 1;
  for (const auto& [name, tensor] : network.initializers) {
    if (tensor.shape().size() != 4) continue;
    const auto values = tensor.floats();
    const size_t channels = static_cast<size_t>(tensor.shape()[0]), each = values.size() / channels;
    for (size_t channel = 0; channel < channels; ++channel) {
      const auto own = values.subspan(channel * each, each);
      double largest = 0;
      for (float value : own) largest = std::max<double>(largest, std::abs(value));
      for (float value : own) {
        const double level = value / largest * most;
        ASSERT_NEAR(level, std::round(level), 1e-3) << name;
      }
    }
  }
}

TEST(Train, LearnsUnderFakeQuantisation) {
  TrainOptions options = Quick();
  for (const int bits : {7, 3}) {
    options.weight_bits = bits;
    const auto result = Train(Small(), TrainSet(), nullptr, options);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_GT(Agreement(Best(result->network, TestSet()), TestSet().labels), 0.9) << bits;
    ExpectOnGrid(result->network, bits);
    EXPECT_FALSE(result->ranges.empty());
    for (const auto& [value, range] : result->ranges) {
      EXPECT_LE(range.first, 0) << value;
      EXPECT_GT(range.second, 0) << value;
    }
  }
  options.average = 0.9;
  EXPECT_THROW((void)Train(Small(), TrainSet(), nullptr, options), std::logic_error);
}

TEST(Train, GoesOnUnderFakeQuantisation) {
  TrainOptions options = Quick();
  options.stop_after = 10;
  const auto floats = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_TRUE(floats) << floats.error().message;
  ASSERT_FALSE(floats->state.empty());
  EXPECT_TRUE(floats->ranges.empty());
  options.weight_bits = 4;
  options.resume_state = floats->state;
  options.stop_after = 0;
  const auto whole = Train(floats->network, TrainSet(), nullptr, options);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_FALSE(whole->ranges.empty());
  ExpectOnGrid(whole->network, 4);
  EXPECT_GT(Agreement(Best(whole->network, TestSet()), TestSet().labels), 0.9);
  options.stop_after = 14;
  const auto part = Train(floats->network, TrainSet(), nullptr, options);
  ASSERT_TRUE(part) << part.error().message;
  options.resume_state = part->state;
  options.stop_after = 0;
  const auto rest = Train(part->network, TrainSet(), nullptr, options);
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_LT(Difference(whole->network, rest->network), 1e-5);
}

TEST(Train, LearnsInBfloat16) {
  TrainOptions options = Quick();
  options.compute.bf16 = true;
  const auto result = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_GT(Difference(result->network, Teacher()), 0) << "computed in float";
  EXPECT_GT(Agreement(Best(result->network, TestSet()), TestSet().labels), 0.95);
  options.weight_bits = 8;
  EXPECT_THROW((void)Train(Small(), TrainSet(), nullptr, options), std::logic_error);
}

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
