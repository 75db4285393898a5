#include "space/span.h"

#include <algorithm>
#include <set>
#include <utility>

#include "graph/operations.h"
#include "graph/shapes.h"
#include "space/bottleneck.h"
#include "space/work.h"

namespace nacre::space_internal {
namespace {

bool Replaceable(const Block& block) {
  return block.trainable && block.kind != "tail" && block.input_shape.size() == 4 &&
         block.output_shape.size() == 4;
}

bool EndsWithActivation(const Network& network) {
  const auto producer = network.Producer(network.outputs[0].name);
  if (!producer) return false;
  const ActivationClass activation = TraitsOf(network.nodes[*producer].op).activation;
  return activation == ActivationClass::kFast || activation == ActivationClass::kSlow;
}

// First and last block.
using Run = std::pair<int, int>;

// Long runs start on a grid only, so that their number stays linear in depth.
void AddShortRuns(int count, int longest, std::set<Run>& runs) {
  for (int length = 1; length <= longest; ++length) {
    const int distance = length <= 2 ? 1 : length / 2;
    for (int first = 0; first + length <= count; first += distance)
      runs.insert({first, first + length - 1});
  }
}

// A stage with and without the block that changes the shape, up to its end, up to the block that
// changes the shape again, or up to its middle; and its second half.
void AddRunsOfStage(const Stage& stage, int count, std::set<Run>& runs) {
  const int depth = stage.last - stage.first + 1;
  const int middle = stage.first + depth / 2;
  for (const int begin : {stage.first, stage.first + 1}) {
    for (const int end : {stage.last, std::min(stage.last + 1, count - 1), middle}) {
      if (end > begin) runs.insert({begin, end});
    }
  }
  if (depth > 2) runs.insert({middle, stage.last});
}

// Every run that may become a span, once.
std::set<Run> Runs(const std::vector<Block>& blocks, const SpaceOptions& options) {
  std::set<Run> runs;
  const int count = static_cast<int>(blocks.size());
  AddShortRuns(count, options.longest_span, runs);
  for (const Stage& stage : FindStages(blocks)) AddRunsOfStage(stage, count, runs);
  return runs;
}

// Whether the span divides both sides of its input by the same whole number.
bool HasOneStride(const Span& span) {
  if (span.out[2] < 1 || span.in[2] % span.out[2] != 0) return false;
  return span.in[3] == span.out[3] * (span.in[2] / span.out[2]);
}

}  // namespace

std::vector<Span> FindSpans(const Network& network, const std::vector<Block>& blocks,
                            const SpaceOptions& options) {
  std::vector<Span> spans;
  for (const auto& [first, last] : Runs(blocks, options)) {
    if (!std::all_of(blocks.begin() + first, blocks.begin() + last + 1, Replaceable)) continue;
    Span span{.first = first,
              .last = last,
              .input = blocks[first].input,
              .output = blocks[last].output,
              .in = blocks[first].input_shape,
              .out = blocks[last].output_shape};
    if (!HasOneStride(span)) continue;
    span.stride = span.in[2] / span.out[2];
    span.network = Extract(network, span.input, span.output);
    span.activated = EndsWithActivation(span.network);
    span.inner = InnerWidth(span.network);
    const auto shapes = InferShapes(span.network, 1);
    if (shapes) span.work = WorkOf(span.network, *shapes, options.channel_multiple);
    const auto producer = network.Producer(span.input);
    span.positive = producer && network.nodes[*producer].op == "Relu";
    spans.push_back(std::move(span));
  }
  return spans;
}

std::string CandidateId(const Span& span, CandidateKind kind, const std::string& detail) {
  std::string id = "b" + std::to_string(span.first);
  if (span.last != span.first) id += "-b" + std::to_string(span.last);
  return id + ":" + Name(kind) + detail;
}

Candidate MakeCandidate(const Span& span, CandidateKind kind, const std::string& detail,
                        Network fragment) {
  return {CandidateId(span, kind, detail), kind, span.first, span.last, std::move(fragment)};
}

}  // namespace nacre::space_internal
