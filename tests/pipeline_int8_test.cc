// INT8 that post-training loses and training wins back: a trained network with weights of two bits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/simplify.h"
#include "quantize/int8.h"
#include "task/accuracy.h"
#include "testing/bars.h"
#include "train/predict.h"
#include "train/train.h"
#include "train/tune_int8.h"

namespace nacre {
namespace {

using ::testing::HasSubstr;

constexpr int kBits = 2;
constexpr int kBrightness =
    50;  // of the bars, in noise up to 100: hard enough to need exact weights

class Int8Test : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    train_ = new ImageSet(Bars(1024, 1, kBrightness));
    validation_ = new ImageSet(Bars(1024, 2, kBrightness));
    TrainOptions options{.epochs = 8, .batch = 64, .seed = 3};
    options.optimizer.learning_rate = 0.1;
    options.compute.threads = 1;
    options.augmentation.shift = 1;
    const auto trained = Train(BarNetwork(), *train_, nullptr, options);
    ASSERT_TRUE(trained) << trained.error().message;
    network_ = new Network(FoldBatchNorm(trained->network));
    const auto logits = Predict(*network_, *validation_);
    ASSERT_TRUE(logits) << logits.error().message;
    accuracy_ = TopOne(*logits, validation_->labels).value;
  }

  // Nothing goes back to float: what is lost stays lost.
  Int8Settings Settings() {
    Int8Settings settings{.compiler = compiler_.get(),
                          .calibration = train_,
                          .validation = validation_,
                          .reference = accuracy_,
                          .acceptable_loss = 1,
                          .weight_bits = kBits};
    settings.timed = {Precision::kInt8, 1, 1};
    return settings;
  }

  static inline ImageSet *train_ = nullptr, *validation_ = nullptr;
  static inline Network* network_ = nullptr;
  static inline double accuracy_ = 0;
  std::unique_ptr<Compiler> compiler_ = MakeOpenVinoCompiler();
};

TEST_F(Int8Test, TuningWinsBackWhatPostTrainingLoses) {
  ASSERT_GT(accuracy_, 0.9);
  const auto plain = MakeInt8(*network_, Settings());
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_FALSE(plain->tuned);
  ASSERT_LT(plain->accuracy, accuracy_ - 0.05)
      << "weights of two bits lose nothing: this test shows nothing";
  Int8Settings settings = Settings();
  double last = 0;
  settings.tune = [&](const Network& network) {
    TuneOptions options{.images = train_, .weight_bits = kBits, .seconds = Seconds(60)};
    options.progress = [&](double share) {
      EXPECT_GE(share, last);
      last = share;
      return true;
    };
    return TuneForInt8(network, options);
  };
  const auto tuned = MakeInt8(*network_, settings);
  ASSERT_TRUE(tuned) << tuned.error().message;
  EXPECT_TRUE(tuned->tuned);
  EXPECT_GT(tuned->accuracy, plain->accuracy + 0.5 * (accuracy_ - plain->accuracy));
  EXPECT_GT(last, 0.5);
}

TEST_F(Int8Test, TrainingThatEndsUnderFakeQuantisationLosesLittle) {
  TrainOptions options{.epochs = 8, .batch = 64, .seed = 3};
  options.optimizer.learning_rate = 0.1;
  options.compute.threads = 1;
  options.augmentation.shift = 1;
  options.stop_after = 96;  // of 128 steps
  const auto floats = Train(BarNetwork(), *train_, nullptr, options);
  ASSERT_TRUE(floats) << floats.error().message;
  options.stop_after = 0;
  options.resume_state = floats->state;
  options.weight_bits = kBits;
  const auto ended = Train(floats->network, *train_, nullptr, options);
  ASSERT_TRUE(ended) << ended.error().message;
  const auto plain = MakeInt8(*network_, Settings());
  Int8Settings settings = Settings();
  for (const auto& [value, range] : ended->ranges)
    settings.known[value] = {range.first, range.second};
  const auto int8 = MakeInt8(FoldBatchNorm(ended->network), settings);
  ASSERT_TRUE(plain && int8);
  EXPECT_TRUE(int8->tuned);
  EXPECT_GT(int8->accuracy, plain->accuracy + 0.5 * (accuracy_ - plain->accuracy));
}

TEST_F(Int8Test, TuningThatFailsLeavesPostTraining) {
  Int8Settings settings = Settings();
  settings.tune = [](const Network&) -> Expected<Tuned> {
    return Fail(ErrorKind::kInternal, "training diverged");
  };
  const auto result = MakeInt8(*network_, settings);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_FALSE(result->tuned);
}

TEST_F(Int8Test, TuningThatLeadsAwayFromTheFloatNetworkIsNotTaken) {
  const auto plain = MakeInt8(*network_, Settings());
  ASSERT_TRUE(plain) << plain.error().message;
  Int8Settings settings = Settings();
  bool asked = false;
  settings.tune = [&](const Network& network) -> Expected<Tuned> {
    asked = true;
    Network other = network;
    for (auto& [name, tensor] : other.initializers) {
      if (tensor.shape().size() != 4) continue;
      std::vector<float> values = tensor.ToFloats();
      for (float& value : values) value = -value;
      tensor = Tensor::Floats(tensor.shape(), values);
    }
    return Tuned{other, {}};
  };
  const auto result = MakeInt8(*network_, settings);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(asked);
  EXPECT_FALSE(result->tuned);
  EXPECT_EQ(result->accuracy, plain->accuracy);
}

// Post-training loses nothing here, and tuning is asked for all the same.
TEST_F(Int8Test, TuningIsTriedWhereAccuracyLostNothing) {
  Int8Settings settings = Settings();
  settings.weight_bits = 8;
  settings.reference = 0;
  bool asked = false;
  settings.tune = [&](const Network& network) -> Expected<Tuned> {
    asked = true;
    return Tuned{network, {}};
  };
  ASSERT_TRUE(MakeInt8(*network_, settings));
  EXPECT_TRUE(asked);
}

TEST_F(Int8Test, AnInterruptEndsIt) {
  Int8Settings settings = Settings();
  settings.tune = [](const Network& network) {
    return TuneForInt8(network, {.images = train_, .weight_bits = kBits, .progress = [](double) {
                                   return false;
                                 }});
  };
  const auto result = MakeInt8(*network_, settings);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInterrupted);
}

TEST_F(Int8Test, TooLittleTimeIsSaidWithWhatIsNeeded) {
  const auto result = TuneForInt8(*network_, {.images = train_, .seconds = Seconds(1e-6)});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kUsage);
  EXPECT_THAT(result.error().message, HasSubstr("give at least"));
}

}  // namespace
}  // namespace nacre
