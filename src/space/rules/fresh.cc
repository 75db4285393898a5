#include "space/rules/fresh.h"

#include <algorithm>

#include "forecast/priors.h"

namespace nacre::space_internal {
namespace {

bool IsMadeByBatchNorm(const Network& network, const std::string& value) {
  const auto producer = network.Producer(value);
  return producer && network.nodes[*producer].op == "BatchNormalization";
}

void StartNearIdentity(Network& network) {
  for (const Node& add : network.nodes) {
    if (add.op != "Add") continue;
    for (const size_t side : {0, 1}) {
      const std::string& branch = add.inputs[side];
      const std::string& shortcut = add.inputs[1 - side];
      if (!IsMadeByBatchNorm(network, branch) || IsMadeByBatchNorm(network, shortcut)) continue;
      const Node& norm = network.nodes[*network.Producer(branch)];
      Tensor& gain = network.initializers.at(norm.inputs[1]);
      const auto first = static_cast<float>(priors::kFirstGain.value);
      gain = Tensor::Floats(gain.shape(), std::vector<float>(gain.count(), first));
    }
  }
}

}  // namespace

Candidate Fresh(const Span& span, const SpaceOptions& options, CandidateKind kind,
                const std::string& detail, const Body& body) {
  const std::string id = CandidateId(span, kind, detail);
  Shape shape = span.in;
  shape[0] = kDynamic;
  NetworkBuilder builder(id, span.input, shape, Random(options.seed).Fork(id));
  const std::string last = body(builder, span.input);
  Network fragment = std::move(builder).Finish(last, span.output);
  StartNearIdentity(fragment);
  return MakeCandidate(span, kind, detail, std::move(fragment));
}

std::string LastActivation(const Span& span, const SpaceOptions& options) {
  return span.activated ? options.activation : "";
}

std::string Residual(NetworkBuilder& b, const std::string& x, ConvSpec first, int64_t out,
                     const std::string& activation, const std::string& last) {
  const std::string inner = b.ConvBn(x, first, activation);
  const std::string outer = b.ConvBn(inner, {.out = out}, "");
  const bool same = first.stride == 1 && b.Channels(x) == out;
  const std::string side =
      same ? x : b.ConvBn(x, {.out = out, .kernel = 1, .stride = first.stride}, "");
  return b.Activation(b.Add(outer, side), last);
}

std::string Close(NetworkBuilder& b, const Span& span, const std::string& x, const std::string& y,
                  const std::string& last) {
  const std::string narrow = b.ConvBn(y, {.out = span.out[1], .kernel = 1}, "");
  return b.Activation(span.same_shape() ? b.Add(narrow, x) : narrow, last);
}

std::vector<int64_t> MidWidths(int64_t out, int64_t multiple) {
  std::vector<int64_t> widths;
  for (int64_t width : {out / 2, out, out * 3 / 2}) {
    width = std::max(multiple, width / multiple * multiple);
    if (std::find(widths.begin(), widths.end(), width) == widths.end()) widths.push_back(width);
  }
  return widths;
}

std::vector<int64_t> WidthsWithin(const Span& span, const SpaceOptions& options,
                                  const WorkOfWidth& work) {
  const int64_t widest = span.out[1];
  const double of_span = span.work / static_cast<double>(span.out[2] * span.out[3]);
  const double most = std::min(of_span, work(static_cast<double>(widest)) / 0.75);
  std::vector<int64_t> widths;
  for (const double share : {0.75, 0.5, 0.25}) {
    int64_t width = 0;
    while (width + options.channel_multiple <= widest &&
           work(static_cast<double>(width + options.channel_multiple)) <= share * most)
      width += options.channel_multiple;
    if (width > 0 && (widths.empty() || widths.back() != width)) widths.push_back(width);
  }
  return widths;
}

int64_t KernelFor(int64_t stride) { return stride > 2 ? 2 * stride - 1 : 3; }

bool SuitsFresh(const Span& span, const SpaceOptions&) {
  return span.stride <= priors::kLargestStride;
}

bool SuitsPointwise(const Span& span, const SpaceOptions& options) {
  return span.in[1] >= options.channel_multiple && span.stride <= 2 &&
         span.stride <= priors::kLargestStride && span.blocks() <= priors::kLongestPointwise;
}

}  // namespace nacre::space_internal
