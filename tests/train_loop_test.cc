// Training, distilling and scoring of tiny networks on a synthetic image set, through the public
// headers alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "graph/builder.h"
#include "tests/train_networks.h"
#include "train/teacher.h"
#include "train/tune_int8.h"

namespace nacre {
namespace {

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

// Images of which one cannot be read.
class Vanishing final : public ImageSource {
 public:
  explicit Vanishing(ImageSourcePtr from) : from_(std::move(from)) {}
  int64_t count() const override { return from_->count(); }
  int64_t image_bytes() const override { return from_->image_bytes(); }

 private:
  Expected<void> DoRead(int64_t image, std::span<uint8_t> out) const override {
    if (image == 5) return Fail(ErrorKind::kData, "a.png has vanished");
    return from_->Read(image, out);
  }
  const ImageSourcePtr from_;
};

TEST(Train, AnImageThatCannotBeReadIsAnErrorThatNamesIt) {
  ImageSet images = TrainSet();
  images.source = std::make_shared<const Vanishing>(images.source);
  const auto trained = Train(Small(), images, nullptr, Quick());
  ASSERT_FALSE(trained);
  EXPECT_EQ(trained.error().kind, ErrorKind::kData);
  EXPECT_EQ(trained.error().message, "a.png has vanished");
  const auto asked = PrecomputeTeacher(Small(), images, {.variants = 1});
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().kind, ErrorKind::kData);
  const auto answered = Predict(Small(), images);
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error().kind, ErrorKind::kData);
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

TEST(Train, RepeatsWhatADeadlineDid) {
  const TickingClock clock;
  TrainOptions options = Until(clock, Seconds(90));
  const auto limited = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_TRUE(limited) << limited.error().message;
  ASSERT_FALSE(limited->pace.empty());
  options.deadline = Seconds(0);
  options.pace = limited->pace;
  const auto again = Train(Small(), TrainSet(), nullptr, options);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->steps, limited->steps);
  EXPECT_EQ(Difference(again->network, limited->network), 0);
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
  EXPECT_LT(most, 150);
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

}  // namespace
}  // namespace nacre
