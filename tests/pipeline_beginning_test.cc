// What a finalist begins with: its own trial's weights, or those of a finalist before it where they fit beside its own.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "onnx/onnx.h"
#include "pipeline/beginning.h"
#include "testing/bars.h"

namespace nacre {
namespace {

Network ResidualNetwork(uint64_t seed) {
  NetworkBuilder b("net", "image", {kDynamic, 3, 8, 8}, Random(seed));
  std::string x = b.ConvBn("image", {.out = 16});
  for (int i = 0; i < 3; ++i) {
    const std::string inner = b.BatchNorm(b.Conv(b.ConvBn(x, {.out = 16}), {.out = 16, .bias = false}));
    x = b.Activation(b.Add(inner, x), "Relu");
  }
  const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), kBarClasses);
  return std::move(b).Finish(logits, "logits");
}

class BeginningTest : public ::testing::Test {
 protected:
  BeginningTest() {
    folder_ = std::filesystem::temp_directory_path() / ("nacre-beginning-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    run_ = nacre::Run::Open(folder_, nacre::Run::Mode::kFresh).value();
    context_.run = run_.get();
    context_.budget = &budget_;
    context_.train = Bars(512, 1);
    context_.validation = Bars(256, 2);
    context_.space = *BuildSpace(ResidualNetwork(1), {});
    context_.original_usage = {100, 1e6, 1e6};
    context_.usages.resize(context_.space.candidates.size(), {1, 1, 1});
    context_.scores.resize(context_.space.candidates.size(), 0.1);
    context_.useful.resize(context_.space.candidates.size(), true);
    original_ = Original(context_.space);
    other_ = original_;
    for (size_t i = 0; i < context_.space.candidates.size(); ++i) {  // all but one block as the original's
      const Candidate& candidate = context_.space.candidates[i];
      const bool changed = candidate.kind != "keep" && candidate.kind != "drop";
      if (changed && candidate.first == 2 && candidate.last == 2) other_.picks[2] = static_cast<int>(i);
    }
  }
  ~BeginningTest() override { std::filesystem::remove_all(folder_); }

  Network Trained(const Network& network) {
    TrainOptions options{.epochs = 6, .batch = 64, .learning_rate = 0.1, .seed = 3, .threads = 1};
    options.augmentation.shift = 1;
    return Train(network, context_.train, nullptr, options).value().network;
  }

  // As a trial leaves it.
  static Network Stored(const Network& network) { return ParseOnnx(SerializeOnnx(network)).value(); }

  Tried Try(const Architecture& architecture, const Network& network, double epochs) {
    Tried tried;
    tried.trial.point.genes = architecture.picks;
    tried.artifact = run_->PutArtifact(SerializeOnnx(network)).value();
    tried.epochs = epochs;
    return tried;
  }

  void AddFinalist(const Network& network, double epochs) {
    context_.tried.push_back(Try(original_, network, epochs));
    context_.tried.back().final = true;
  }

  // Convolutions of `network` whose weights are those of `other`.
  static int Shared(const Network& network, const Network& other) {
    int shared = 0;
    for (const auto& [name, tensor] : network.initializers) {
      const auto found = other.initializers.find(name);
      shared += tensor.shape().size() == 4 && found != other.initializers.end() && found->second == tensor;
    }
    return shared;
  }

  std::filesystem::path folder_;
  std::unique_ptr<nacre::Run> run_;
  Budget budget_{SteadyClock(), Seconds(100), Seconds(0)};
  Context context_;
  Architecture original_, other_;
};

TEST_F(BeginningTest, TakesOverTheWeightsOfAFinalistThatSharesBlocks) {
  ASSERT_NE(original_, other_);
  const Network taught = Trained(Assemble(context_.space, original_));
  AddFinalist(taught, 10);
  const Network own = Stored(Assemble(context_.space, other_));
  const auto begun = BeginningOf(context_, Try(other_, own, 1), "x");
  ASSERT_TRUE(begun) << begun.error().message;
  EXPECT_TRUE(begun->inherits);
  EXPECT_GT(Shared(begun->network, taught), Shared(own, taught) + 3);
  EXPECT_EQ(StructuralHash(begun->network), StructuralHash(own));
}

TEST_F(BeginningTest, KeepsItsOwnWhereNoTrainingComesToIt) {
  const Network own = Stored(Assemble(context_.space, other_));
  const auto alone = BeginningOf(context_, Try(other_, own, 1), "x");
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_FALSE(alone->inherits);
  EXPECT_EQ(StructuralHash(alone->network, true), StructuralHash(own, true));
  AddFinalist(Assemble(context_.space, original_), 1);
  const auto less = BeginningOf(context_, Try(other_, own, 1), "x");
  ASSERT_TRUE(less) << less.error().message;
  EXPECT_FALSE(less->inherits);
}

TEST_F(BeginningTest, LeavesWeightsThatDoNotFit) {
  AddFinalist(Assemble(context_.space, original_), 10);  // as at random
  const Network own = Stored(Trained(Assemble(context_.space, other_)));
  const auto begun = BeginningOf(context_, Try(other_, own, 1), "x");
  ASSERT_TRUE(begun) << begun.error().message;
  EXPECT_FALSE(begun->inherits);
  EXPECT_EQ(StructuralHash(begun->network, true), StructuralHash(own, true));
}

}  // namespace
}  // namespace nacre
