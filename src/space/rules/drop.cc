// Nothing in place of the span.
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

bool KeepsShape(const Span& span, const SpaceOptions&) { return span.same_shape(); }

std::vector<Candidate> Drop(const Span& span, const SpaceOptions&) {
  Network network;
  network.name = "drop";
  Shape shape = span.in;
  shape[0] = kDynamic;
  network.inputs = {{span.input, DataType::kFloat, shape}};
  network.outputs = {{span.output, DataType::kFloat, shape}};
  network.nodes = {
      {.name = "drop", .op = "Identity", .inputs = {span.input}, .outputs = {span.output}}};
  return {MakeCandidate(span, CandidateKind::kDrop, "", std::move(network))};
}

}  // namespace

Rule DropRule() { return {"drop", KeepsShape, Drop}; }

}  // namespace nacre::space_internal
