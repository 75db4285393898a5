#include "space/rules/rule.h"

namespace nacre::space_internal {

bool IsOneBlock(const Span& span, const SpaceOptions&) { return span.blocks() == 1; }

const std::vector<Rule>& Rules() {
  static const std::vector<Rule> rules = {
      KeepRule(),    DropRule(),       ThinRule(),         FewerGroupsRule(),
      UngatedRule(), ActivationRule(), MergeTrainedRule(), JoinedGroupsRule(),
      DenseRule(),   KernelRule(),     LowRankRule(),      ReparamRule(),
      PlainRule(),   MergeRule(),      EarlyStrideRule(),  BottleneckRule(),
      GroupedRule(), InvertedRule(),   SeparableRule(),    FusedRule()};
  return rules;
}

}  // namespace nacre::space_internal
