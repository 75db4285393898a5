// Final training: what happens to the others when one of the finalists cannot be trained.
#include <limits>

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
    context_.baseline_validation = context_.limit = context_.wanted = 0.9;
    context_.curve = LearningCurve(0.9);
    context_.teacher = Assemble(context_.space, original_);
    TeacherOptions teaching{.variants = 1, .threads = 1};
    context_.teacher_outputs = PrecomputeTeacher(context_.teacher, context_.train, teaching).value();
  }

  // A survivor of the first rung; the time is enough for two epochs of it.
  void Add(const Architecture& architecture, const Network& network, double accuracy) {
    context_.tried.push_back(Try(architecture, network, 1));
    Tried& tried = context_.tried.back();
    tried.trial.rung = 1;
    tried.outcome = {accuracy, 50};
    tried.images_per_second = 1200;
  }

  static Network Broken(Network network) {
    for (auto& [name, tensor] : network.initializers) {
      if (tensor.shape().size() != 4) continue;
      const size_t count = tensor.floats().size();
      tensor = Tensor::Floats(tensor.shape(), std::vector<float>(count, std::numeric_limits<float>::quiet_NaN()));
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
  for (const Finalist& finalist : context_.finalists) EXPECT_EQ(finalist.architecture.picks, other_.picks);
  EXPECT_NE(context_.tried[0].outcome.error.find("diverged"), std::string::npos) << context_.tried[0].outcome.error;
}

TEST_F(FinalTest, SaysWhyNoneIsLeft) {
  Add(original_, Broken(Assemble(context_.space, original_)), 0.89);
  const auto trained = TrainFinalists(context_);
  ASSERT_FALSE(trained);
  EXPECT_NE(trained.error().message.find("no finalist could be trained: training diverged"), std::string::npos)
      << trained.error().message;
}

}  // namespace
}  // namespace nacre
