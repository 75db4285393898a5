// What a finalist begins with: its own trial's weights, or those of a finalist before it where they
// fit beside its own.
#include "pipeline/beginning.h"

#include "graph/simplify.h"
#include "pipeline_trials.h"
#include "train/train.h"

namespace nacre {
namespace {

class BeginningTest : public TrialsTest {
 protected:
  Network Trained(const Network& network) {
    TrainOptions options{.epochs = 6, .batch = 64, .seed = 3};
    options.optimizer.learning_rate = 0.1;
    options.compute.threads = 1;
    options.augmentation.shift = 1;
    return Train(network, *in_.train, nullptr, options).value().network;
  }

  // As a trial leaves it.
  static Network Stored(const Network& network) {
    return ParseOnnx(SerializeOnnx(network)).value();
  }

  void AddFinalist(const Network& network, double epochs) {
    history_.trials.push_back(Try(original_, network, epochs));
    history_.trials.back().final = true;
  }

  struct Begun {
    Network network;
    bool inherits = false;
  };
  Begun Begin(const TrialRecord& trial) {
    NetworkTrainer trainer(*run_, in_, answers_);
    const ArchitectureSpace space(rated_.space, rated_.pricing, {});
    const auto beginning = BeginningOf({*run_, trainer, space, history_}, trial, "x");
    if (!beginning) {
      ADD_FAILURE() << beginning.error().message;
      return {};
    }
    return {*materials_->GetNetwork(beginning->network).value(), beginning->inherits};
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

  StoredAnswers answers_;
};

TEST_F(BeginningTest, TakesOverTheWeightsOfAFinalistThatSharesBlocks) {
  ASSERT_NE(original_, other_);
  const Network taught = Trained(Assemble(rated_.space, original_));
  AddFinalist(taught, 10);
  const Network own = Stored(Assemble(rated_.space, other_));
  const Begun begun = Begin(Try(other_, own, 1));
  EXPECT_TRUE(begun.inherits);
  EXPECT_GT(Shared(begun.network, taught), Shared(own, taught) + 3);
  EXPECT_EQ(StructuralHash(begun.network), StructuralHash(own));
}

TEST_F(BeginningTest, KeepsItsOwnWhereNoTrainingComesToIt) {
  const Network own = Stored(Assemble(rated_.space, other_));
  const Begun alone = Begin(Try(other_, own, 1));
  EXPECT_FALSE(alone.inherits);
  EXPECT_EQ(StructuralHash(alone.network, true), StructuralHash(own, true));
  AddFinalist(Assemble(rated_.space, original_), 1);
  EXPECT_FALSE(Begin(Try(other_, own, 1)).inherits);
}

TEST_F(BeginningTest, LeavesWeightsThatDoNotFit) {
  AddFinalist(Assemble(rated_.space, original_), 10);  // as at random
  const Network own = Stored(Trained(Assemble(rated_.space, other_)));
  const Begun begun = Begin(Try(other_, own, 1));
  EXPECT_FALSE(begun.inherits);
  EXPECT_EQ(StructuralHash(begun.network, true), StructuralHash(own, true));
}

}  // namespace
}  // namespace nacre
