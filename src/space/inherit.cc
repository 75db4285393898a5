// Candidates that compute nearly what the trained layers compute, from the first step on: their
// weights are moved or factored, not drawn. Their convolutions have a bias and no batch-norm where
// the original's were folded.
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "graph/builder.h"
#include "graph/simplify.h"
#include "space/kernels.h"
#include "space/span.h"

namespace nacre {
namespace {

constexpr int64_t kLargestFactored = 512;  // output channels; beyond that factoring takes seconds

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// A network from one cut point of another to a later one, which stands where the span stands.
Network Renamed(Network network, const Span& span) {
  const std::string input = network.inputs[0].name, output = network.outputs[0].name;
  for (Node& node : network.nodes) {
    // Values of the span's names that are something else here make way.
    for (auto* names : {&node.inputs, &node.outputs}) {
      for (std::string& name : *names) {
        if (name == input)
          name = span.input;
        else if (name == output)
          name = span.output;
        else if (name == span.input || name == span.output)
          name += "/inner";
      }
    }
  }
  network.inputs[0].name = span.input;
  network.outputs[0].name = span.output;
  return network;
}

// The first `length` trained blocks in a row that fit in the place of all.
std::optional<Network> Representative(const Span& span, const std::vector<Block>& blocks,
                                      size_t length) {
  for (size_t first = 0; first + length <= blocks.size(); ++first) {
    const Block &from = blocks[first], &to = blocks[first + length - 1];
    if (from.input_shape != span.in || to.output_shape != span.out) continue;
    return Renamed(Extract(span.network, from.input, to.output), span);
  }
  return std::nullopt;
}

struct ResidualParts {
  Tensor first, first_bias, second, second_bias;
};

// x + conv(relu(conv(x))), then relu; both 3x3 or alike with the same padding and no stride or
// groups.
std::optional<ResidualParts> MatchResidual(const Network& network) {
  if (network.nodes.size() != 5) return std::nullopt;
  std::vector<const Node*> convolutions;
  for (const Node& node : network.nodes) {
    if (node.op == "Conv") convolutions.push_back(&node);
  }
  const auto last = network.Producer(network.outputs[0].name);
  if (convolutions.size() != 2 || !last || network.nodes[*last].op != "Relu") return std::nullopt;
  const Node &first = *convolutions[0], &second = *convolutions[1];
  const auto sum = network.Producer(network.nodes[*last].inputs[0]);
  const auto inner = network.Producer(second.inputs[0]);
  if (!sum || network.nodes[*sum].op != "Add" || !inner || network.nodes[*inner].op != "Relu")
    return std::nullopt;
  const auto& terms = network.nodes[*sum].inputs;
  const auto has = [&](const std::string& value) {
    return std::find(terms.begin(), terms.end(), value) != terms.end();
  };
  if (!has(second.outputs[0]) || !has(network.inputs[0].name) ||
      first.inputs[0] != network.inputs[0].name ||
      network.nodes[*inner].inputs[0] != first.outputs[0]) {
    return std::nullopt;
  }
  for (const Node* conv : {&first, &second}) {
    if (!IsSimple(network, *conv) || conv->Ints("strides", {1, 1})[0] != 1) return std::nullopt;
  }
  if (KernelSize(network, first) != KernelSize(network, second)) return std::nullopt;
  return ResidualParts{*network.Initializer(first.inputs[1]), BiasOf(network, first),
                       *network.Initializer(second.inputs[1]), BiasOf(network, second)};
}

// The inner channels that carry most, ascending.
std::vector<int64_t> Important(const ResidualParts& parts, int64_t count) {
  const int64_t mid = parts.first.shape()[0], out = parts.second.shape()[0];
  const int64_t area = parts.second.shape()[2] * parts.second.shape()[3];
  const int64_t row = parts.first.count() / mid;
  std::vector<double> importance(mid, 0);
  for (int64_t m = 0; m < mid; ++m) {
    double incoming = 0, outgoing = 0;
    for (int64_t i = 0; i < row; ++i) incoming += std::pow(parts.first.floats()[m * row + i], 2);
    for (int64_t o = 0; o < out; ++o) {
      for (int64_t i = 0; i < area; ++i)
        outgoing += std::pow(parts.second.floats()[(o * mid + m) * area + i], 2);
    }
    importance[m] = std::sqrt(incoming * outgoing);
  }
  std::vector<int64_t> order(mid);
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return importance[a] > importance[b]; });
  order.resize(count);
  std::sort(order.begin(), order.end());
  return order;
}

// x + f(relu(g(x))) as two plain convolutions: the first also passes x through, which a ReLU leaves
// alone as x is not negative; the second adds it. Exact when all inner channels are kept (after
// RepVGG, arXiv 2101.03697, section 3.3).
Network WithoutShortcut(const Span& span, const ResidualParts& parts,
                        const std::vector<int64_t>& keep) {
  const int64_t width = parts.first.shape()[1], kernel = parts.first.shape()[2],
                area = kernel * kernel;
  const int64_t mid = parts.first.shape()[0], wide = width + static_cast<int64_t>(keep.size());
  const int64_t centre = area / 2;
  std::vector<float> first(wide * width * area, 0), second(width * wide * area, 0),
      first_bias(wide, 0);
  for (int64_t c = 0; c < width; ++c) {
    first[(c * width + c) * area + centre] = 1;
    second[(c * wide + c) * area + centre] = 1;
  }
  for (size_t k = 0; k < keep.size(); ++k) {
    const int64_t to = width + static_cast<int64_t>(k);
    const auto row = parts.first.floats().subspan(keep[k] * width * area, width * area);
    std::copy(row.begin(), row.end(), first.begin() + to * width * area);
    first_bias[to] = parts.first_bias.floats()[keep[k]];
    for (int64_t o = 0; o < width; ++o) {
      const auto tap = parts.second.floats().subspan((o * mid + keep[k]) * area, area);
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
  return std::move(b).Finish(b.Activation(y, "Relu"), span.output);
}

// Conv kxk = conv kxk to `rank` channels, then 1x1: the best such pair in the weights' Frobenius
// norm, from the eigenvectors of W W^T. False when the convolution is too narrow for it.
bool Factor(Network& network, size_t index, const SpaceOptions& options) {
  Node& conv = network.nodes[index];
  if (!IsSimple(network, conv) || KernelSize(network, conv) < 3) return false;
  const Tensor weight = *network.Initializer(conv.inputs[1]);
  const int64_t out = weight.shape()[0], inner = weight.count() / out;
  const int64_t rank = out / 2 / options.channel_multiple * options.channel_multiple;
  if (rank < options.channel_multiple || out > kLargestFactored || weight.shape()[1] < rank)
    return false;
  const Eigen::Map<const Matrix> w(weight.floats().data(), out, inner);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> spectrum(
      (w.cast<double>() * w.cast<double>().transpose()).eval());
  const Matrix up = spectrum.eigenvectors().rightCols(rank).cast<float>();
  const Matrix down = up.transpose() * w;
  Shape shape = weight.shape();
  shape[0] = rank;
  const std::string narrow = network.FreshName(conv.outputs[0] + "/rank");
  const std::string down_name = network.FreshName(conv.inputs[1] + "/down");
  const std::string up_name = network.FreshName(conv.inputs[1] + "/up");
  network.initializers[down_name] = Tensor::Floats(shape, {down.data(), down.data() + down.size()});
  network.initializers[up_name] =
      Tensor::Floats({out, rank, 1, 1}, {up.data(), up.data() + up.size()});
  Node pointwise{.name = conv.name + "/up",
                 .op = "Conv",
                 .inputs = {narrow, up_name},
                 .outputs = conv.outputs};
  if (conv.inputs.size() > 2) pointwise.inputs.push_back(conv.inputs[2]);
  pointwise.attributes["kernel_shape"] = std::vector<int64_t>{1, 1};
  conv.inputs = {conv.inputs[0], down_name};
  conv.outputs = {narrow};
  network.nodes.insert(network.nodes.begin() + static_cast<std::ptrdiff_t>(index) + 1,
                       std::move(pointwise));
  return true;
}

std::optional<Network> LowRank(Network network, const SpaceOptions& options) {
  bool any = false;
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    if (network.nodes[i].op == "Conv" && Factor(network, i, options)) any = true;
  }
  if (!any) return std::nullopt;
  RemoveDead(network);
  return network;
}

}  // namespace

std::vector<Candidate> InheritCandidates(const Span& span, const SpaceOptions& options) {
  std::vector<Candidate> candidates;
  const auto add = [&](const std::string& kind, const std::string& detail, Network network) {
    candidates.push_back(
        {CandidateId(span, kind, detail), kind, span.first, span.last, std::move(network)});
  };
  if (span.blocks() > 1) {
    const auto blocks = FindBlocks(span.network);
    for (size_t length : {1, 2}) {
      if (!blocks || length >= blocks->size() || static_cast<int>(length) * 2 > span.blocks())
        continue;
      if (auto one = Representative(span, *blocks, length)) {
        add("merge", "-first" + std::to_string(length), std::move(*one));
      }
    }
    return candidates;
  }
  Network smaller = span.network;
  if (ShrinkKernels(smaller)) add("kernel", "3", std::move(smaller));
  const Network folded = FoldBatchNorm(span.network);
  if (auto factored = LowRank(folded, options)) add("low-rank", "", std::move(*factored));
  if (const auto parts = span.positive ? MatchResidual(folded) : std::nullopt) {
    const int64_t mid = parts->first.shape()[0], unit = options.channel_multiple;
    for (int64_t keep : {unit, mid / 2 / unit * unit}) {
      if (keep < unit || keep > mid) continue;
      add("reparam", std::to_string(keep), WithoutShortcut(span, *parts, Important(*parts, keep)));
    }
  }
  return candidates;
}

}  // namespace nacre
