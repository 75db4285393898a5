#include "task/metric.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "task/accuracy.h"
#include "task/paired.h"

namespace nacre {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Six classes; the highest ones of the four images are 0, 1, 2 and 5.
Tensor Logits() {
  return Tensor::Floats({4, 6}, {9,  1, 2, 3, 4, 5,  //
                                 1,  9, 2, 3, 4, 5,  //
                                 1,  2, 9, 3, 4, 5,  //
                                 -1, 2, 3, 4, 5, 9});
}

TEST(Metric, IsFoundByItsName) {
  EXPECT_THAT(MetricNames(), ElementsAre("top1", "top5", "balanced"));
  for (const std::string& name : MetricNames()) EXPECT_EQ(FindMetric(name)->name(), name);
  EXPECT_EQ(FindMetric("top1"), &TopOneMetric());
  EXPECT_EQ(FindMetric("map"), nullptr);
}

TEST(Metric, TopOneIsTheAccuracy) {
  const std::vector<int> labels = {0, 1, 3, 5};
  EXPECT_THAT(TopOneMetric().Right(Logits(), labels), ElementsAre(true, true, false, true));
  EXPECT_THAT(TopOneMetric().Weights(labels), IsEmpty());
  const Accuracy measured = TopOneMetric().Measure(Logits(), labels),
                 wanted = TopOne(Logits(), labels);
  EXPECT_EQ(measured.value, wanted.value);
  EXPECT_EQ(measured.low, wanted.low);
  EXPECT_EQ(measured.images, 4);
}

TEST(Metric, TopFiveForgivesFourClassesThatAreHigher) {
  EXPECT_THAT(FindMetric("top5")->Right(Logits(), {1, 0, 0, 0}),
              ElementsAre(false, false, false, false));
  EXPECT_THAT(FindMetric("top5")->Right(Logits(), {2, 2, 1, 1}),
              ElementsAre(true, true, true, true));
}

TEST(Metric, BalancedCountsClassesAlike) {
  const Metric& balanced = *FindMetric("balanced");
  const std::vector<int> labels = {0, 0, 0, 5};  // right, wrong, wrong, right
  EXPECT_THAT(balanced.Weights(labels), ElementsAre(1.0 / 6, 1.0 / 6, 1.0 / 6, 0.5));
  const Accuracy measured = balanced.Measure(Logits(), labels);
  EXPECT_NEAR(measured.value, (1.0 / 3 + 1) / 2, 1e-12);
  EXPECT_EQ(measured.images, 4);
  // As uncertain as 3 images of equal weight: 1 / (3 / 36 + 1 / 4).
  EXPECT_NEAR(measured.low, WilsonInterval(2.0 / 3, 3).low, 1e-9);
  // With as many images in each class it is the accuracy.
  const std::vector<int> even = {0, 0, 5, 5};
  EXPECT_NEAR(balanced.Measure(Logits(), even).value, TopOne(Logits(), even).value, 1e-12);
  EXPECT_NEAR(balanced.Measure(Logits(), even).low, TopOne(Logits(), even).low, 1e-9);
}

TEST(Metric, PairsCountWithTheirWeights) {
  const std::vector<bool> original = {true, true, false, true}, result = {true, false, false, true};
  const PairedCounts counts = CountPairs(original, result, {0.1, 0.2, 0.3, 0.4});
  const double images = 1 / (0.01 + 0.04 + 0.09 + 0.16);
  EXPECT_NEAR(counts.images(), images, 1e-9);
  EXPECT_NEAR(counts.both, 0.5 * images, 1e-9);
  EXPECT_NEAR(DropInPoints(counts).value, 0.2, 1e-9);
  const PairedCounts alike = CountPairs(original, result, {0.25, 0.25, 0.25, 0.25});
  EXPECT_NEAR(DropInPoints(alike).high, DropInPoints(CountPairs(original, result)).high, 1e-9);
}

}  // namespace
}  // namespace nacre
