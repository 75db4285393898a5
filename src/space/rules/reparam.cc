// Residual blocks without their shortcut.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>

#include "graph/builder.h"
#include "graph/simplify.h"
#include "space/kernels.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

// The convolutions of a block relu(x + second(relu(first(x)))).
struct ResidualParts {
  Tensor first, first_bias;    // [mid, width, kernel, kernel], [mid]
  Tensor second, second_bias;  // [width, mid, kernel, kernel], [width]
};

// The node that makes the value, when it is such an operation.
const Node* Maker(const Network& network, const std::string& value, const std::string& op) {
  const auto index = network.Producer(value);
  if (!index || network.nodes[*index].op != op) return nullptr;
  return &network.nodes[*index];
}

// The same for the first input of a node; nothing where there is no node.
const Node* Before(const Network& network, const Node* node, const std::string& op) {
  return node == nullptr ? nullptr : Maker(network, node->inputs[0], op);
}

// The convolution whose output the sum adds; nothing where there is no sum.
const Node* AddedConvolution(const Network& network, const Node* sum) {
  if (sum == nullptr) return nullptr;
  for (const std::string& term : sum->inputs) {
    const Node* conv = Maker(network, term, "Conv");
    if (conv != nullptr) return conv;
  }
  return nullptr;
}

bool Reads(const Node& node, const std::string& value) {
  return std::find(node.inputs.begin(), node.inputs.end(), value) != node.inputs.end();
}

// The two convolutions, in the order in which data flows.
struct ConvolutionPair {
  const Node* first = nullptr;
  const Node* second = nullptr;
};

// Follows the branch from the output back to the input.
std::optional<ConvolutionPair> MatchStructure(const Network& network) {
  const std::string& input = network.inputs[0].name;
  const Node* sum = Before(network, Maker(network, network.outputs[0].name, "Relu"), "Add");
  const Node* second = AddedConvolution(network, sum);
  const Node* first = Before(network, Before(network, second, "Relu"), "Conv");
  if (first == nullptr || first->inputs[0] != input || !Reads(*sum, input)) return std::nullopt;
  return ConvolutionPair{first, second};
}

bool IsPlain(const Network& network, const Node& conv) {
  return IsSimple(network, conv) && conv.Ints("strides", {1, 1})[0] == 1;
}

double AddSquares(std::span<const float> values, double sum) {
  for (const float value : values) sum += std::pow(value, 2);
  return sum;
}

// Per inner channel: the norm of its incoming weights times that of its outgoing ones.
std::vector<double> InnerImportance(const ResidualParts& parts) {
  const auto mid = static_cast<size_t>(parts.first.shape()[0]);
  const auto out = static_cast<size_t>(parts.second.shape()[0]);
  const auto area = static_cast<size_t>(parts.second.shape()[2] * parts.second.shape()[3]);
  const size_t row = static_cast<size_t>(parts.first.count()) / mid;
  std::vector<double> importance(mid, 0);
  for (size_t m = 0; m < mid; ++m) {
    const double incoming = AddSquares(parts.first.floats().subspan(m * row, row), 0);
    double outgoing = 0;
    for (size_t o = 0; o < out; ++o)
      outgoing = AddSquares(parts.second.floats().subspan((o * mid + m) * area, area), outgoing);
    importance[m] = std::sqrt(incoming * outgoing);
  }
  return importance;
}

// The most important inner channels, ascending.
std::vector<size_t> MostImportant(const ResidualParts& parts, int64_t count) {
  const std::vector<double> importance = InnerImportance(parts);
  std::vector<size_t> order(importance.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return importance[a] > importance[b]; });
  order.resize(static_cast<size_t>(count));
  std::sort(order.begin(), order.end());
  return order;
}

// The parts of a network (batch-norm folded) that is such a block: nothing when it is another, or
// when a convolution has groups, a stride, or a kernel other than the other one's.
std::optional<ResidualParts> MatchResidual(const Network& network) {
  if (network.nodes.size() != 5) return std::nullopt;
  const auto pair = MatchStructure(network);
  if (!pair) return std::nullopt;
  const Node& first = *pair->first;
  const Node& second = *pair->second;
  if (!IsPlain(network, first) || !IsPlain(network, second)) return std::nullopt;
  if (KernelSize(network, first) != KernelSize(network, second)) return std::nullopt;
  return ResidualParts{*network.Initializer(first.inputs[1]), BiasOf(network, first),
                       *network.Initializer(second.inputs[1]), BiasOf(network, second)};
}

// The block of the span as two plain convolutions with the most important `count` inner channels.
// The first convolution also passes x through, which a ReLU leaves as it is where x is not
// negative; the second adds it. Exact when all inner channels are kept (after RepVGG, arXiv
// 2101.03697, section 3.3).
Network WithoutShortcut(const Span& span, const ResidualParts& parts, int64_t count) {
  const auto keep = MostImportant(parts, count);
  const int64_t width = parts.first.shape()[1];
  const int64_t mid = parts.first.shape()[0];
  const int64_t kernel = parts.first.shape()[2];
  const int64_t area = kernel * kernel;
  const int64_t wide = width + count;
  std::vector<float> first(static_cast<size_t>(wide * width * area), 0);
  std::vector<float> first_bias(static_cast<size_t>(wide), 0);
  std::vector<float> second(static_cast<size_t>(width * wide * area), 0);
  for (int64_t c = 0; c < width; ++c) {
    first[(c * width + c) * area + area / 2] = 1;
    second[(c * wide + c) * area + area / 2] = 1;
  }
  for (size_t k = 0; k < keep.size(); ++k) {
    const auto from = static_cast<int64_t>(keep[k]);
    const int64_t to = width + static_cast<int64_t>(k);
    const auto row = parts.first.floats().subspan(from * width * area, width * area);
    std::copy(row.begin(), row.end(), first.begin() + to * width * area);
    first_bias[to] = parts.first_bias.floats()[from];
    for (int64_t o = 0; o < width; ++o) {
      const auto tap = parts.second.floats().subspan((o * mid + from) * area, area);
      std::copy(tap.begin(), tap.end(), second.begin() + (o * wide + to) * area);
    }
  }
  Shape in = span.in;
  in[0] = kDynamic;
  NetworkBuilder b("reparam", span.input, in, Random(0));
  const auto x = b.Activation(b.Conv(span.input, {.out = wide, .kernel = kernel},
                                     Tensor::Floats({wide, width, kernel, kernel}, first),
                                     Tensor::Floats({wide}, first_bias)),
                              "Relu");
  const auto y = b.Conv(x, {.out = width, .kernel = kernel},
                        Tensor::Floats({width, wide, kernel, kernel}, second), parts.second_bias);
  const std::string last = b.Activation(y, "Relu");
  return std::move(b).Finish(last, span.output);
}

bool HasPositiveInput(const Span& span, const SpaceOptions&) {
  return span.blocks() == 1 && span.positive;
}

// With few and with half of the inner channels.
std::vector<Candidate> Reparam(const Span& span, const SpaceOptions& options) {
  const auto parts = MatchResidual(FoldBatchNorm(span.network));
  if (!parts) return {};
  std::vector<Candidate> candidates;
  const int64_t multiple = options.channel_multiple;
  const int64_t mid = parts->first.shape()[0];
  for (const int64_t count : {multiple, mid / 2 / multiple * multiple}) {
    if (count < multiple || count > mid) continue;
    candidates.push_back(MakeCandidate(span, CandidateKind::kReparam, std::to_string(count),
                                       WithoutShortcut(span, *parts, count)));
  }
  return candidates;
}

}  // namespace

Rule ReparamRule() { return {"reparam", HasPositiveInput, Reparam}; }

}  // namespace nacre::space_internal
