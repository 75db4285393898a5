// Final training: what happens to the others when one of the finalists cannot be trained, and how
// training ends for INT8.
#include <limits>

#include "pipeline/int8_of_run.h"
#include "pipeline/training.h"

#include "pipeline_trials.h"
#include "testing/fake_clock.h"

namespace nacre {
namespace {

class FinalTest : public TrialsTest {
 protected:
  FinalTest() {
    context_.budget = &second_;
    context_.progress = progress_.get();
    context_.config.budget = Seconds(1);
    context_.config.target.precision = Precision::kFp32;
    context_.baseline_validation = context_.limit = context_.wanted = 0.9;
    context_.curve = LearningCurve(0.9);
    context_.teacher = Assemble(context_.space, original_);
    TeacherOptions teaching{.variants = 1, .threads = 1};
    context_.teacher_outputs =
        PrecomputeTeacher(context_.teacher, context_.train, teaching).value();
  }

  // A survivor of the first rung; the time is enough for two epochs of it.
  void Add(const Architecture& architecture, const Network& network, double accuracy) {
    context_.tried.push_back(Try(architecture, network, 1));
    Tried& tried = context_.tried.back();
    tried.trial.rung = 1;
    tried.outcome.accuracy = accuracy;
    tried.outcome.cost = 50;
    tried.images_per_second = 1200;
  }

  static Network Broken(Network network) {
    for (auto& [name, tensor] : network.initializers) {
      if (tensor.shape().size() != 4) continue;
      const size_t count = tensor.floats().size();
      tensor = Tensor::Floats(tensor.shape(),
                              std::vector<float>(count, std::numeric_limits<float>::quiet_NaN()));
      break;
    }
    return network;
  }

  FakeClock clock_;
  Budget second_{clock_, Seconds(1), Seconds(0)};
  std::unique_ptr<Progress> progress_ = MakeSilentProgress();
};

TEST_F(FinalTest, TheNextTakesThePlaceOfOneThatCannotBeTrained) {
  Add(original_, Broken(Assemble(context_.space, original_)), 0.89);
  Add(other_, Assemble(context_.space, other_), 0.85);
  const auto trained = TrainFinalists(context_);
  ASSERT_TRUE(trained) << trained.error().message;
  ASSERT_FALSE(context_.finalists.empty());
  for (const Finalist& finalist : context_.finalists)
    EXPECT_EQ(finalist.architecture.picks, other_.picks);
  EXPECT_NE(context_.tried[0].outcome.error.find("diverged"), std::string::npos)
      << context_.tried[0].outcome.error;
}

TEST_F(FinalTest, SaysWhyNoneIsLeft) {
  Add(original_, Broken(Assemble(context_.space, original_)), 0.89);
  const auto trained = TrainFinalists(context_);
  ASSERT_FALSE(trained);
  EXPECT_NE(trained.error().message.find("no finalist could be trained: training diverged"),
            std::string::npos)
      << trained.error().message;
}

// Two epochs and a quarter fit into the time; six tenths of them are the least that the finalist of
// a first round has (decision 21).
TEST_F(FinalTest, AFirstRoundLeavesTimeForTheNextWhereItsFinalistNeedsNoMore) {
  context_.round = {.end = Seconds(1), .finalists = 1, .later = Seconds(0.75)};
  Add(other_, Assemble(context_.space, other_), 0.95);  // is there already
  const auto trained = TrainFinalists(context_);
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_EQ(context_.finalists.size(), 1u);
  EXPECT_NEAR(context_.tried.back().outcome.epochs - 1, 0.6 * 0.97 * 1200 / 512, 0.02);
}

TEST_F(FinalTest, AFirstRoundTakesAllItsTimeWhereItsFinalistNeedsIt) {
  context_.round = {.end = Seconds(1), .finalists = 1, .later = Seconds(0.75)};
  Add(other_, Assemble(context_.space, other_), 0.5);
  const auto trained = TrainFinalists(context_);
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_EQ(context_.finalists.size(), 1u);
  EXPECT_NEAR(context_.tried.back().outcome.epochs - 1, 0.97 * 1200 / 512, 0.02);
}

TEST_F(FinalTest, EndsWithTheBitsThatItWasToldOnce) {
  int asked = 0, bits = 4;
  Training training{.epochs = 2, .rate = 1};
  training.ends_with_bits = [&](const Network&) -> Expected<int> {
    ++asked;
    return bits;
  };
  const Network network = Assemble(context_.space, original_);
  const auto trained = DistilNetwork(context_, "finalist", network, training);
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_EQ(asked, 1);
  EXPECT_GE(trained->ranges.size(), 7u);  // of what seven convolutions read, at least
  bits = 0;
  const auto again = DistilNetwork(context_, "finalist", network, training);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(asked, 1) << "a resumed run decides anew";
  EXPECT_EQ(again->artifact, trained->artifact);
  EXPECT_EQ(again->ranges.size(), trained->ranges.size());
  for (const auto& [value, range] : trained->ranges)
    EXPECT_EQ(again->ranges.at(value).high, range.high) << value;
  training.epochs = 3;
  const auto floats = DistilNetwork(context_, "finalist", network, training);
  ASSERT_TRUE(floats) << floats.error().message;
  EXPECT_EQ(asked, 2);
  EXPECT_TRUE(floats->ranges.empty());
}

// The same function, with one channel inside every block a thousand times as large: eight bits for
// all channels are too few.
Network WithLargeChannels(Network network) {
  constexpr float kFactor = 1000;
  int convolutions = 0;
  for (const Node& node : network.nodes) {
    const bool convolution = node.op == "Conv", norm = node.op == "BatchNormalization";
    convolutions += convolution;
    const bool second =
        convolutions % 2 == 1 && convolutions > 1;  // of its block; the first of all is the stem
    if (!(norm && convolutions % 2 == 0) && !(convolution && second)) continue;
    for (size_t input = 1; input < (norm ? 3u : 2u); ++input) {
      Tensor& tensor = network.initializers.at(node.inputs[input]);
      std::vector<float> values = tensor.ToFloats();
      const size_t kernel = convolution ? values.size() / 256 : 1;  // of 16 x 16
      for (size_t out = 0; out < (convolution ? 16u : 1u); ++out) {
        for (size_t k = 0; k < kernel; ++k)
          values[out * 16 * kernel + k] *= norm ? kFactor : 1 / kFactor;
      }
      tensor = Tensor::Floats(tensor.shape(), values);
    }
  }
  return network;
}

TEST_F(FinalTest, EndsForInt8WhatPostTrainingHarms) {
  const auto compiler = MakeOpenVinoCompiler();
  context_.compiler = compiler.get();
  context_.calibration = Bars(128, 3);
  EXPECT_FALSE(EndsWithBits(context_, "f")) << "a target that takes floats";
  context_.config.target.precision = Precision::kInt8;
  TrainOptions options{.epochs = 8, .batch = 64, .learning_rate = 0.1, .seed = 3, .threads = 1};
  const auto trained = Train(Assemble(context_.space, original_), context_.train, nullptr, options);
  ASSERT_TRUE(trained) << trained.error().message;
  const auto harmless = EndsWithBits(context_, "f")(trained->network);
  ASSERT_TRUE(harmless) << harmless.error().message;
  EXPECT_EQ(*harmless, 0);
  const auto harmful = EndsWithBits(context_, "f")(WithLargeChannels(trained->network));
  ASSERT_TRUE(harmful) << harmful.error().message;
  EXPECT_EQ(*harmful, SafeWeightBits(context_.machine));
}

}  // namespace
}  // namespace nacre
