#include "train/operators.h"

#include <gtest/gtest.h>

#include "graph/operations.h"

namespace nacre::train_internal {
namespace {

TEST(Operators, AreThoseThatTheTableOfOperationsCallsTrainable) {
  for (const OperationTraits& traits : KnownOperations()) {
    EXPECT_EQ(AllOperators().contains(traits.op), traits.trainable) << traits.op;
  }
  for (const auto& [op, lowering] : AllOperators()) EXPECT_TRUE(TraitsOf(op).trainable) << op;
}

// So that blocks, which go by the table, and the trainer, which lowers, never disagree.
TEST(Operators, AllThatIsUnderstoodCanBeTrained) {
  for (const std::string& op : UnderstoodOperations()) {
    EXPECT_TRUE(AllOperators().contains(op)) << op;
  }
  for (const auto& [op, lowering] : AllOperators()) EXPECT_TRUE(IsUnderstood(op)) << op;
}

// A name in two families would hide one of them.
TEST(Operators, HaveOneFamilyEach) {
  size_t count = 0;
  for (const Lowerings& family :
       {LayerOperators(), PoolOperators(), NormOperators(), ActivationOperators(),
        ArithmeticOperators(), ConditionOperators(), ReduceOperators(), ResizeOperators(),
        LayoutOperators(), SelectionOperators(), ConstantOperators(), QuantizationOperators()}) {
    count += family.size();
  }
  EXPECT_EQ(count, AllOperators().size());
}

}  // namespace
}  // namespace nacre::train_internal
