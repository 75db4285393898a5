// A rule makes the candidates of one kind for a span of blocks. Each has a file of its own in this
// folder, named after it, and is one line of the list in rules.cc.
// Private to space/.
#pragma once

#include <string>
#include <vector>

#include "space/span.h"

namespace nacre::space_internal {

struct Rule {
  // That of the kind, or one that begins with it where a kind has several rules.
  std::string name;
  // Whether the rule has anything to say about the span: cheap to ask, and says nothing certain
  // about how many candidates there will be.
  bool (*applies)(const Span& span, const SpaceOptions& options) = nullptr;
  // Candidates for a span that the rule applies to, as specifications: fresh weights are made when
  // they are read, trained ones are shared with the network or computed from it. Those that do not
  // fit the shape of the span are left out by the caller.
  std::vector<Candidate> (*propose)(const Span& span, const SpaceOptions& options) = nullptr;
};

// What many rules ask of a span.
bool IsOneBlock(const Span& span, const SpaceOptions& options);

// All rules, in their order: those that reuse trained weights come before those that do not, so
// that of two candidates of one structure the trained one stays.
const std::vector<Rule>& Rules();

// The trained layers as they are, with something left out.
Rule KeepRule();
Rule DropRule();
Rule ThinRule();
Rule FewerGroupsRule();
Rule UngatedRule();
Rule ActivationRule();
// Nearly what the trained layers compute, from the first step of training on.
Rule MergeTrainedRule();
Rule JoinedGroupsRule();
Rule DenseRule();
Rule KernelRule();
Rule LowRankRule();
Rule ReparamRule();
// Fresh layers.
Rule PlainRule();
Rule MergeRule();
Rule EarlyStrideRule();
Rule BottleneckRule();
Rule GroupedRule();
Rule InvertedRule();
Rule SeparableRule();
Rule FusedRule();

}  // namespace nacre::space_internal
