// Super-networks: sub-networks compute what the super-network computes at their genes, and are
// trained together.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/train_networks.h"
#include "train/predict.h"
#include "train/statistics.h"
#include "train/super_network.h"
#include "train/teacher.h"

namespace nacre {
namespace {

Elasticity ElasticityOf(const Network& network) {
  return FindElasticity(network, {.multiple = 2, .least = 0.25, .widths = 4}).value();
}

std::vector<int> Largest(const Elasticity& elasticity) {
  return std::vector<int>(elasticity.dimensions.size(), 0);
}

std::vector<int> Drawn(const Elasticity& elasticity, uint64_t seed) {
  Random random(seed);
  std::vector<int> genes;
  for (const ElasticDimension& each : elasticity.dimensions)
    genes.push_back(static_cast<int>(random.Below(each.values.size())));
  return genes;
}

double LargestDifference(const Network& a, const Network& b) {
  const Tensor x = Predict(a, TestSet()).value(), y = Predict(b, TestSet()).value();
  double most = 0;
  for (size_t i = 0; i < x.floats().size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(x.floats()[i]) - y.floats()[i]));
  return most;
}

double AccuracyOf(const Network& network) {
  const Network calibrated = RecalibrateBatchNorm(network, TrainSet()).value();
  const std::vector<int> best = Best(calibrated, TestSet());
  double right = 0;
  for (size_t i = 0; i < best.size(); ++i) right += best[i] == TestSet().labels[i];
  return right / static_cast<double>(best.size());
}

// The network with all weights set to 0 that the sub-network does not have. Where a channel is left
// out, what it goes on to is 0; where a block is, what its last batch-norm scales is.
Network Masked(const Network& network, const Elasticity& elasticity,
               const std::vector<int>& genes) {
  std::vector<bool> kept(static_cast<size_t>(NumberWeights(network).total));
  const auto elements = SharedElements(network, elasticity, genes).value();
  for (const auto& [name, of] : elements) {
    for (const int64_t element : of) kept[static_cast<size_t>(element)] = true;
  }
  Network masked = network;
  const WeightNumbers numbers = NumberWeights(network);
  for (const auto& [name, first] : numbers.first) {
    std::vector<float> values = network.initializers.at(name).ToFloats();
    for (size_t i = 0; i < values.size(); ++i) {
      if (!kept[static_cast<size_t>(first) + i]) values[i] = 0;
    }
    masked.initializers[name] = Tensor::Floats(network.initializers.at(name).shape(), values);
  }
  return masked;
}

TEST(SuperNetwork, TheLargestSubNetworkIsTheOriginal) {
  const Elasticity elasticity = ElasticityOf(Teacher());
  const Network largest = ExtractSubnet(Teacher(), elasticity, Largest(elasticity)).value();
  EXPECT_LE(LargestDifference(largest, Teacher()), 1e-5);
}

TEST(SuperNetwork, AnySubNetworkComputesWhatTheSuperNetworkDoesAtItsGenes) {
  const Elasticity elasticity = ElasticityOf(Teacher());
  ASSERT_GE(elasticity.dimensions.size(), 4u);
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const std::vector<int> genes = seed == 0 ? elasticity.Smallest() : Drawn(elasticity, seed);
    const Network subnet = ExtractSubnet(Teacher(), elasticity, genes).value();
    EXPECT_LE(LargestDifference(subnet, Masked(Teacher(), elasticity, genes)), 1e-4) << seed;
  }
}

TEST(SuperNetwork, TrainingMakesSmallOnesGoodAndKeepsTheLargest) {
  const Elasticity elasticity = ElasticityOf(Teacher());
  TeacherOptions asking{.variants = 4, .augmentation = Quick().augmentation, .seed = 2};
  const TeacherOutputs answers = PrecomputeTeacher(Teacher(), TrainSet(), asking).value();
  const auto trained =
      TrainSuperNetwork(Teacher(), elasticity, TrainSet(), &answers, {.train = Quick()});
  ASSERT_TRUE(trained) << trained.error().message;
  const auto accuracy = [&](const Network& network, const std::vector<int>& genes) {
    return AccuracyOf(ExtractSubnet(network, elasticity, genes).value());
  };
  const double before = accuracy(Teacher(), elasticity.Smallest());
  const double after = accuracy(trained->network, elasticity.Smallest());
  EXPECT_GT(after, before + 0.1);
  EXPECT_GT(after, 0.8);
  EXPECT_GT(accuracy(trained->network, Largest(elasticity)), AccuracyOf(Teacher()) - 0.05);
  EXPECT_GT(accuracy(trained->network, Drawn(elasticity, 5)), 0.8);
}

TEST(SuperNetwork, IsAFunctionOfTheSeed) {
  const Elasticity elasticity = ElasticityOf(Small());
  TrainOptions train = Quick();
  train.epochs = 0.5;
  const auto one = TrainSuperNetwork(Small(), elasticity, TrainSet(), nullptr, {.train = train});
  const auto same = TrainSuperNetwork(Small(), elasticity, TrainSet(), nullptr, {.train = train});
  train.seed = 4;
  const auto other = TrainSuperNetwork(Small(), elasticity, TrainSet(), nullptr, {.train = train});
  ASSERT_TRUE(one && same && other);
  EXPECT_EQ(Difference(one->network, same->network), 0);
  EXPECT_GT(Difference(one->network, other->network), 0);
}

TEST(SuperNetwork, GoesOnWhereItStopped) {
  const Elasticity elasticity = ElasticityOf(Small());
  TrainOptions train = Quick();
  train.epochs = 0.5;
  const auto whole = TrainSuperNetwork(Small(), elasticity, TrainSet(), nullptr, {.train = train});
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->state.empty());
  EXPECT_EQ(whole->fraction, 1);
  ASSERT_GE(whole->steps, 3);
  train.stop_after = 2;
  const auto part = TrainSuperNetwork(Small(), elasticity, TrainSet(), nullptr, {.train = train});
  ASSERT_TRUE(part);
  EXPECT_EQ(part->steps, 2);
  train.stop_after = 0;
  train.resume_state = part->state;
  const auto rest =
      TrainSuperNetwork(part->network, elasticity, TrainSet(), nullptr, {.train = train});
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_EQ(rest->steps, whole->steps);
  EXPECT_EQ(Difference(rest->network, whole->network), 0);
  train.resume_state = "no state";
  EXPECT_EQ(
      TrainSuperNetwork(Small(), elasticity, TrainSet(), nullptr, {.train = train}).error().kind,
      ErrorKind::kData);
}

TEST(SuperNetwork, AStageLeavesAloneWhatItMayNotVary) {
  const Elasticity elasticity = ElasticityOf(Small());
  TrainOptions train = Quick();
  train.epochs = 0.5;
  const auto until = [&](double share, std::vector<int> most) {
    return TrainSuperNetwork(Small(), elasticity, TrainSet(), nullptr,
                             {.train = train, .most = std::move(most), .until = share});
  };
  const auto half = until(0.5, {});
  ASSERT_TRUE(half);
  EXPECT_GE(half->fraction, 0.5);
  EXPECT_LT(half->fraction, 1);
  // Where nothing may vary, all sub-networks are the largest one.
  const auto same = until(1, Largest(elasticity)), free = until(1, {});
  ASSERT_TRUE(same && free);
  EXPECT_GT(Difference(same->network, free->network), 0);
}

TEST(SuperNetwork, SaysWhatItCannotDo) {
  const auto rigid = TrainSuperNetwork(Small(), {}, TrainSet(), nullptr, {.train = Quick()});
  ASSERT_FALSE(rigid);
  EXPECT_EQ(rigid.error().kind, ErrorKind::kModel);
  TrainOptions averaged = Quick();
  averaged.average = 0.9;
  EXPECT_THROW((void)TrainSuperNetwork(Small(), ElasticityOf(Small()), TrainSet(), nullptr,
                                       {.train = averaged}),
               std::logic_error);
  TrainOptions stopped = Quick();
  stopped.progress = [](const TrainProgress&) { return false; };
  const auto interrupted =
      TrainSuperNetwork(Small(), ElasticityOf(Small()), TrainSet(), nullptr, {.train = stopped});
  ASSERT_FALSE(interrupted);
  EXPECT_EQ(interrupted.error().kind, ErrorKind::kInterrupted);
}

}  // namespace
}  // namespace nacre
