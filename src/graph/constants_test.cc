// Operations on numbers that are known become initializers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/simplify.h"
#include "graph/test_networks.h"

namespace nacre {
namespace {

using namespace graph_internal;
using ::testing::ElementsAre;
using Many = std::vector<int64_t>;

// What the node gives for its constant inputs.
Tensor Folded(const std::string& op, const std::vector<Tensor>& inputs,
              const std::map<std::string, Attribute>& attributes = {}) {
  Sketch net({1, 2});
  std::vector<std::string> names;
  for (const Tensor& input : inputs) names.push_back(net.Constant(input));
  const std::string y = net.Node(op, names, attributes);
  const Network network = std::move(net).Finish(net.Node("Identity", {y}));
  const auto folded = FoldConstants(network);
  if (!folded) throw std::logic_error(folded.error().message);
  for (const auto& [name, tensor] : folded->initializers) {
    if (name == y || folded->IsOutput(name)) return tensor;
  }
  throw std::logic_error(op + " is not folded");
}

Tensor Row(std::vector<float> values) {
  return Tensor::Floats({static_cast<int64_t>(values.size())}, values);
}
Tensor Ints(const Many& values) {
  return Tensor::Ints({static_cast<int64_t>(values.size())}, values);
}

TEST(ConstantsTest, ComputesFunctionsOfOneNumber) {
  EXPECT_THAT(Folded("Ceil", {Row({0.2f, -0.2f})}).ToFloats(), ElementsAre(1, 0));
  EXPECT_THAT(Folded("Round", {Row({0.5f, 1.5f, -2.5f})}).ToFloats(), ElementsAre(0, 2, -2));
  EXPECT_THAT(Folded("Sign", {Row({3, 0, -2})}).ToFloats(), ElementsAre(1, 0, -1));
  EXPECT_THAT(Folded("Reciprocal", {Row({4})}).ToFloats(), ElementsAre(0.25f));
  EXPECT_THAT(Folded("Sigmoid", {Row({0})}).ToFloats(), ElementsAre(0.5f));
  EXPECT_THAT(Folded("Log", {Row({1})}).ToFloats(), ElementsAre(0));
}

TEST(ConstantsTest, ComparesAndJoinsConditions) {
  const Tensor less = Folded("Less", {Ints({1, 5}), Ints({3, 3})});
  EXPECT_EQ(less.type(), DataType::kBool);
  EXPECT_THAT(less.ToInts(), ElementsAre(1, 0));
  EXPECT_THAT(Folded("GreaterOrEqual", {Row({1, 5}), Row({1})}).ToInts(), ElementsAre(1, 1));
  EXPECT_THAT(Folded("Not", {less}).ToInts(), ElementsAre(0, 1));
  EXPECT_THAT(Folded("Xor", {less, less}).ToInts(), ElementsAre(0, 0));
}

// The sign of the divisor for whole numbers, as in Python.
TEST(ConstantsTest, DividesWithRemainder) {
  EXPECT_THAT(Folded("Mod", {Ints({7, -7, 7}), Ints({3, 3, -3})}).ToInts(), ElementsAre(1, 2, -2));
  EXPECT_THAT(Folded("Mod", {Row({-7}), Row({3})}, {{"fmod", int64_t{1}}}).ToFloats(),
              ElementsAre(-1));
}

TEST(ConstantsTest, Reduces) {
  const Tensor matrix = Tensor::Ints({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(Folded("ReduceProd", {matrix}, {{"axes", Many{1}}}).ToInts(), ElementsAre(6, 120));
  EXPECT_THAT(Folded("ReduceSum", {matrix, Ints({0})}, {{"keepdims", int64_t{0}}}).ToInts(),
              ElementsAre(5, 7, 9));
  EXPECT_THAT(Folded("ReduceMax", {matrix}).ToInts(), ElementsAre(6));
  EXPECT_THAT(Folded("ReduceMean", {Row({1, 2, 6})}).ToFloats(), ElementsAre(3));
}

TEST(ConstantsTest, TilesAndCounts) {
  EXPECT_THAT(Folded("Tile", {Tensor::Ints({1, 2}, {1, 2}), Ints({2, 2})}).ToInts(),
              ElementsAre(1, 2, 1, 2, 1, 2, 1, 2));
  EXPECT_THAT(Folded("Size", {Tensor::Ints({2, 3}, Many(6))}).ToInts(), ElementsAre(6));
  EXPECT_EQ(Folded("CastLike", {Row({2}), Ints({1})}).type(), DataType::kInt64);
}

}  // namespace
}  // namespace nacre
