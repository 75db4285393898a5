#include "space/span.h"

#include <algorithm>
#include <set>

#include "graph/operations.h"

namespace nacre {
namespace {

bool Replaceable(const Block& block) {
  return block.trainable && block.input_shape.size() == 4 && block.output_shape.size() == 4;
}

bool EndsWithActivation(const Network& network) {
  const auto producer = network.Producer(network.outputs[0].name);
  if (!producer) return false;
  const ActivationClass activation = TraitsOf(network.nodes[*producer].op).activation;
  return activation == ActivationClass::kFast || activation == ActivationClass::kSlow;
}

// First and last of every span, each once. Long runs start on a grid only, so that their number
// stays linear in depth.
std::set<std::pair<int, int>> Runs(const std::vector<Block>& blocks, const SpaceOptions& options) {
  std::set<std::pair<int, int>> runs;
  const int count = static_cast<int>(blocks.size());
  for (int length = 1; length <= options.longest_span; ++length) {
    const int step = length <= 2 ? 1 : length / 2;
    for (int first = 0; first + length <= count; first += step)
      runs.insert({first, first + length - 1});
  }
  const auto stages = FindStages(blocks);
  for (size_t s = 0; s < stages.size(); ++s) {
    const auto [first, last] = std::pair(stages[s].first, stages[s].last);
    const int depth = last - first + 1;
    for (int begin : {first, first + 1}) {  // with and without the block that changes the shape
      for (int end : {last, std::min(last + 1, count - 1), first + depth / 2}) {
        if (end > begin) runs.insert({begin, end});
      }
    }
    if (depth > 2) runs.insert({first + depth / 2, last});
  }
  return runs;
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
    if (span.out[2] < 1 || span.in[2] % span.out[2] != 0) continue;
    span.stride = span.in[2] / span.out[2];
    if (span.in[3] != span.out[3] * span.stride) continue;
    span.network = Extract(network, span.input, span.output);
    span.activated = EndsWithActivation(span.network);
    const auto producer = network.Producer(span.input);
    span.positive = producer && network.nodes[*producer].op == "Relu";
    spans.push_back(std::move(span));
  }
  return spans;
}

std::string CandidateId(const Span& span, const std::string& kind, const std::string& detail) {
  std::string id = "b" + std::to_string(span.first);
  if (span.last != span.first) id += "-b" + std::to_string(span.last);
  return id + ":" + kind + detail;
}

}  // namespace nacre
