#include "train/operators.h"

#include <gtest/gtest.h>

#include "graph/operations.h"

namespace nacre::train_internal {
namespace {

bool HasLowering(const std::string& op) {
  return LayerOperators().contains(op) || ElementwiseOperators().contains(op) ||
         ShapeOperators().contains(op);
}

TEST(Operators, AreThoseThatTheTableOfOperationsCallsTrainable) {
  for (const OperationTraits& traits : KnownOperations()) {
    EXPECT_EQ(HasLowering(traits.op), traits.trainable) << traits.op;
  }
  for (const auto* table : {&LayerOperators(), &ElementwiseOperators(), &ShapeOperators()}) {
    for (const auto& [op, lowering] : *table) EXPECT_TRUE(TraitsOf(op).trainable) << op;
  }
}

}  // namespace
}  // namespace nacre::train_internal
