// What a finalist begins with: its own trial's weights, or those of a finalist before it where they
// fit beside its own.
#include "pipeline/beginning.h"

#include "pipeline_trials.h"

namespace nacre {
namespace {

class BeginningTest : public TrialsTest {
 protected:
  Network Trained(const Network& network) {
    TrainOptions options{.epochs = 6, .batch = 64, .learning_rate = 0.1, .seed = 3, .threads = 1};
    options.augmentation.shift = 1;
    return Train(network, context_.train, nullptr, options).value().network;
  }

  // As a trial leaves it.
  static Network Stored(const Network& network) {
    return ParseOnnx(SerializeOnnx(network)).value();
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
      shared += tensor.shape().size() == 4 && found != other.initializers.end() &&
                found->second == tensor;
    }
    return shared;
  }
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
