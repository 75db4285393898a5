// The trained convolutions factored into narrower ones.
#include <Eigen/Dense>
#include <optional>
#include <utility>

#include "graph/simplify.h"
#include "space/kernels.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

constexpr int64_t kMostChannels = 512;  // of the output; factoring more takes seconds

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Channels between the two convolutions: half of the output's, rounded down to a multiple. 0: the
// convolution is too narrow, or too wide to be factored quickly.
int64_t RankOf(const Tensor& weight, int64_t multiple) {
  const int64_t out = weight.shape()[0];
  const int64_t in = weight.shape()[1];
  const int64_t rank = out / 2 / multiple * multiple;
  return rank < multiple || out > kMostChannels || in < rank ? 0 : rank;
}

// weight [out, in * area] = up [out, rank] * down [rank, in * area], about.
struct Factors {
  Matrix up, down;
};

// By the eigenvectors of W W^T, which are the left singular vectors of W.
Factors Factor(const Tensor& weight, int64_t rank) {
  const int64_t out = weight.shape()[0];
  const Eigen::Map<const Matrix> w(weight.floats().data(), out, weight.count() / out);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> spectrum(
      (w.cast<double>() * w.cast<double>().transpose()).eval());
  Factors factors;
  factors.up = spectrum.eigenvectors().rightCols(rank).cast<float>();
  factors.down = factors.up.transpose() * w;
  return factors;
}

std::vector<float> ElementsOf(const Matrix& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

// The weight of the convolution, when it is one to be factored.
const Tensor* FactorableWeight(const Network& network, const Node& conv) {
  if (!IsSimple(network, conv) || KernelSize(network, conv) < 3) return nullptr;
  return network.Initializer(conv.inputs[1]);
}

// False when the node is not such a convolution, and stays as it is.
bool FactorNode(Network& network, size_t index, int64_t multiple) {
  Node& conv = network.nodes[index];
  const Tensor* weight = FactorableWeight(network, conv);
  if (weight == nullptr) return false;
  const int64_t rank = RankOf(*weight, multiple);
  if (rank == 0) return false;
  const Tensor whole = weight->Unmade();
  Shape shape = whole.shape();
  const int64_t out = shape[0];
  shape[0] = rank;
  const std::string narrow = network.FreshName(conv.outputs[0] + "/rank");
  const std::string down = network.FreshName(conv.inputs[1] + "/down");
  const std::string up = network.FreshName(conv.inputs[1] + "/up");
  // Most of them are never read, so that each may factor for itself.
  network.initializers[down] = Tensor::Deferred(
      shape, [whole, rank] { return ElementsOf(Factor(whole.Unmade(), rank).down); });
  network.initializers[up] = Tensor::Deferred(
      {out, rank, 1, 1}, [whole, rank] { return ElementsOf(Factor(whole.Unmade(), rank).up); });
  Node pointwise{
      .name = conv.name + "/up", .op = "Conv", .inputs = {narrow, up}, .outputs = conv.outputs};
  if (conv.inputs.size() > 2) pointwise.inputs.push_back(conv.inputs[2]);
  pointwise.attributes["kernel_shape"] = std::vector<int64_t>{1, 1};
  conv.inputs = {conv.inputs[0], down};
  conv.outputs = {narrow};
  network.nodes.insert(network.nodes.begin() + static_cast<std::ptrdiff_t>(index) + 1,
                       std::move(pointwise));
  return true;
}

// The network (batch-norm folded) with every k x k convolution that is wide enough as one to half
// as many channels, then a 1x1: the best such pair in the Frobenius norm of the weights (Eckart and
// Young, 1936). Nothing when no convolution is wide enough.
std::optional<Network> FactorConvolutions(Network network, const SpaceOptions& options) {
  bool any = false;
  for (size_t i = 0; i < network.nodes.size(); ++i)
    any |= FactorNode(network, i, options.channel_multiple);
  if (!any) return std::nullopt;
  RemoveDead(network);
  return network;
}

// Their convolutions have a bias, and no batch-norm, where the original's were folded.
std::vector<Candidate> LowRank(const Span& span, const SpaceOptions& options) {
  auto factored = FactorConvolutions(FoldBatchNorm(span.network), options);
  if (!factored) return {};
  return {MakeCandidate(span, CandidateKind::kLowRank, "", std::move(*factored))};
}

}  // namespace

Rule LowRankRule() { return {"low-rank", IsOneBlock, LowRank}; }

}  // namespace nacre::space_internal
