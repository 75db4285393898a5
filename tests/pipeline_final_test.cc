// Final training: what happens to the others when one of the finalists cannot be trained, and how
// training ends for INT8.
#include <limits>

#include "engine/shares.h"
#include "pipeline/train_finalists.h"
#include "pipeline_trials.h"
#include "quantize/quantize.h"
#include "train/teacher.h"
#include "train/train.h"

namespace nacre {
namespace {

RunConfig ConfigFor(Precision precision) {
  RunConfig config;
  config.target.precision = precision;
  return config;
}

class FinalTest : public TrialsTest {
 protected:
  explicit FinalTest(Precision precision = Precision::kFp32)
      : TrialsTest(ConfigFor(precision), Seconds(1)) {
    in_.accuracy.value = in_.limit = in_.wanted = 0.9;
    history_.forecast = Forecast({.accuracy = in_.accuracy.value}, LearningCurve(0.9));
    in_.teacher = Assemble(rated_.space, original_);
    in_.teacher_hash = materials_->PutNetwork(in_.teacher).value();
    TeacherOptions teaching{.variants = 1};
    teaching.compute.threads = 1;
    const TeacherOutputs outputs = PrecomputeTeacher(in_.teacher, *in_.train, teaching).value();
    const auto put = [&](const std::vector<float>& floats) {
      const auto* bytes = reinterpret_cast<const char*>(floats.data());
      return materials_->Put({bytes, floats.size() * sizeof(float)}).value();
    };
    answers_ = {.logits = put(outputs.logits),
                .features = put(outputs.features),
                .variants = 1,
                .classes = outputs.classes,
                .width = outputs.width,
                .augmentation = outputs.augmentation,
                .seed = outputs.seed};
  }

  // A survivor of the first rung; the time is enough for two epochs of it.
  void Add(const Architecture& architecture, const Network& network, double accuracy) {
    history_.trials.push_back(Try(architecture, network, 1));
    TrialRecord& trial = history_.trials.back();
    trial.trial.rung = 1;
    trial.outcome.accuracy = accuracy;
    trial.outcome.cost = 50;
    trial.images_per_second = 1200;
  }

  Expected<void> TrainAll(const Round& round = {}) {
    const Aim aim{.original_cost = 100, .limit = 0.9, .wanted = 0.9, .images = 512};
    const Baselines baselines;
    const std::vector<Point> roots;
    const RoundScope scope{round, run_->budget, run_->budget.Total()};
    return TrainFinalists(*run_, {in_, baselines, rated_, roots, aim}, scope, answers_, history_);
  }

  Expected<TrainedNetwork> Distil(const Network& network, const Training& training) {
    NetworkTrainer trainer(*run_, in_, answers_);
    return trainer.Train("finalist", materials_->PutNetwork(network).value(), training);
  }

  static Network WithNaN(Network network) {
    for (auto& [name, tensor] : network.initializers) {
      if (tensor.shape().size() != 4) continue;
      const size_t count = tensor.floats().size();
      tensor = Tensor::Floats(tensor.shape(),
                              std::vector<float>(count, std::numeric_limits<float>::quiet_NaN()));
      break;
    }
    return network;
  }

  StoredAnswers answers_;
};

class Int8FinalTest : public FinalTest {
 protected:
  Int8FinalTest() : FinalTest(Precision::kInt8) {}
};

TEST_F(FinalTest, TheNextTakesThePlaceOfOneThatCannotBeTrained) {
  Add(original_, WithNaN(Assemble(rated_.space, original_)), 0.89);
  Add(other_, Assemble(rated_.space, other_), 0.85);
  const auto trained = TrainAll();
  ASSERT_TRUE(trained) << trained.error().message;
  ASSERT_FALSE(history_.finalists.empty());
  for (const Finalist& finalist : history_.finalists) EXPECT_EQ(finalist.picks, other_.picks);
  EXPECT_NE(history_.trials[0].outcome.error.find("diverged"), std::string::npos)
      << history_.trials[0].outcome.error;
}

TEST_F(FinalTest, WhereNoneCanBeTrainedTheRunGoesOnWithout) {
  Add(original_, WithNaN(Assemble(rated_.space, original_)), 0.89);
  const auto trained = TrainAll();
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_TRUE(history_.finalists.empty());
  EXPECT_NE(history_.trials[0].outcome.error.find("training diverged"), std::string::npos)
      << history_.trials[0].outcome.error;
}

// Two epochs and a quarter fit into the time; six tenths of them are the least that the finalist of
// a first round has (decision 21).
TEST_F(FinalTest, AFirstRoundLeavesTimeForTheNextWhereItsFinalistNeedsNoMore) {
  Add(other_, Assemble(rated_.space, other_), 0.95);  // is there already
  const auto trained = TrainAll({.end = Seconds(1), .finalists = 1, .later = Seconds(0.75)});
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_EQ(history_.finalists.size(), 1u);
  EXPECT_NEAR(history_.trials.back().outcome.epochs - 1, 0.6 * 0.97 * 1200 / 512, 0.02);
}

TEST_F(FinalTest, AFirstRoundTakesAllItsTimeWhereItsFinalistNeedsIt) {
  Add(other_, Assemble(rated_.space, other_), 0.5);
  const auto trained = TrainAll({.end = Seconds(1), .finalists = 1, .later = Seconds(0.75)});
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_EQ(history_.finalists.size(), 1u);
  EXPECT_NEAR(history_.trials.back().outcome.epochs - 1, 0.97 * 1200 / 512, 0.02);
}

TEST_F(FinalTest, EndsWithTheBitsThatItWasToldOnce) {
  int asked = 0, bits = 4;
  Training training{.epochs = 2, .rate = 1};
  training.ends_with_bits = [&](const ArtifactHash&) -> Expected<int> {
    ++asked;
    return bits;
  };
  const Network network = Assemble(rated_.space, original_);
  const auto trained = Distil(network, training);
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_EQ(asked, 1);
  EXPECT_GE(trained->ranges.size(), 7u);  // of what seven convolutions read, at least
  bits = 0;
  const auto again = Distil(network, training);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(asked, 1) << "a resumed run decides anew";
  EXPECT_EQ(again->network, trained->network);
  EXPECT_EQ(again->ranges.size(), trained->ranges.size());
  for (const auto& [value, range] : trained->ranges)
    EXPECT_EQ(again->ranges.at(value).high, range.high) << value;
  training.epochs = 3;
  const auto floats = Distil(network, training);
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

TEST_F(FinalTest, ATargetThatTakesFloatsNeverEndsForInt8) {
  EXPECT_FALSE(EndsWithBits(*run_, in_, "f"));
}

TEST_F(Int8FinalTest, EndsForInt8WhatPostTrainingHarms) {
  TrainOptions options{.epochs = 8, .batch = 64, .seed = 3};
  options.optimizer.learning_rate = 0.1;
  options.compute.threads = 1;
  const auto trained = Train(Assemble(rated_.space, original_), *in_.train, nullptr, options);
  ASSERT_TRUE(trained) << trained.error().message;
  const auto bits = [&](const Network& network) {
    return EndsWithBits(*run_, in_, "f")(materials_->PutNetwork(network).value());
  };
  const auto harmless = bits(trained->network);
  ASSERT_TRUE(harmless) << harmless.error().message;
  EXPECT_EQ(*harmless, 0);
  const auto harmful = bits(WithLargeChannels(trained->network));
  ASSERT_TRUE(harmful) << harmful.error().message;
  EXPECT_EQ(*harmful, SafeWeightBits(run_->machine));
}

}  // namespace
}  // namespace nacre
