#include "train/trainable.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "graph/shapes.h"
#include "graph/simplify.h"
#include "train/module.h"
#include "train/statistics.h"

namespace nacre {

using namespace train_internal;

namespace {

constexpr int64_t kManyImages = 3;

bool FeedsBatchNormAlone(const Network& network, const std::string& value) {
  const auto readers = network.Consumers(value);
  return readers.size() == 1 && network.nodes[readers[0]].op == "BatchNormalization";
}

// Outputs of convolutions behind which a batch-norm can be put: not those that already feed one,
// and not outputs of the network, whose name must stay.
std::vector<std::string> BareConvolutions(const Network& network) {
  std::vector<std::string> values;
  for (const Node& node : network.nodes) {
    if (node.op != "Conv" || node.opaque()) continue;
    const std::string& value = node.outputs[0];
    if (!network.IsOutput(value) && !FeedsBatchNormAlone(network, value)) values.push_back(value);
  }
  return values;
}

// With a batch-norm, its statistics from data, where the export folded it away. The function is
// unchanged.
Expected<Network> WithBatchNorm(const Network& network, const ImageSet& images) {
  const std::vector<std::string> values = BareConvolutions(network);
  if (values.empty()) return network;
  NACRE_TRY(const auto measured, MeasureChannels(network, values, images));
  std::map<std::string, ChannelStatistics> statistics;
  for (const auto& [value, each] : measured) statistics[value] = {each.mean, each.variance};
  return InsertBatchNorm(network, statistics);
}

void Scale(Network& network, const std::string& initializer, double factor) {
  Tensor& tensor = network.initializers.at(initializer);
  std::vector<float> values = tensor.ToFloats();
  for (float& value : values) value = static_cast<float>(value * factor);
  tensor = Tensor::Floats(tensor.shape(), values);
}

// Factor that brings the weight of a convolution [out, in, ...] to the norm of a fresh one (He et
// al., arXiv 1502.01852, by fan-out); 1 when it is not smaller, or all zeros.
double FactorToFreshNorm(const Tensor& weight) {
  double squares = 0;
  for (float value : weight.ToFloats()) squares += static_cast<double>(value) * value;
  if (squares <= 0) return 1;
  const auto count = static_cast<double>(weight.count());
  const double fan_out = count / static_cast<double>(weight.shape()[1]);
  return std::max(1.0, std::sqrt(2 / fan_out) / std::sqrt(squares / count));
}

bool AreConstants(const Network& network, std::initializer_list<std::string> values) {
  return std::all_of(values.begin(), values.end(), [&](const std::string& value) {
    return network.Initializer(value) != nullptr;
  });
}

// The convolution whose output `norm` normalises; null when another operation made it, or when
// weights or statistics are not constants.
const Node* ScalableConvolution(const Network& network, const Node& norm) {
  if (norm.op != "BatchNormalization" || norm.inputs.size() < 5) return nullptr;
  const auto producer = network.Producer(norm.inputs[0]);
  if (!producer || network.nodes[*producer].op != "Conv") return nullptr;
  const Node& conv = network.nodes[*producer];
  const bool constant = AreConstants(network, {conv.inputs[1], norm.inputs[3], norm.inputs[4]});
  return constant ? &conv : nullptr;
}

// Brings the weights of every convolution before a batch-norm to the norm of fresh ones, and the
// statistics with them: the function is the same, but steps of the optimizer have the size that
// learning rates are chosen for. Weights that have absorbed a batch-norm are several times smaller,
// and training diverged on them.
void RestoreWeightNorms(Network& network) {
  for (const Node& norm : network.nodes) {
    const Node* conv = ScalableConvolution(network, norm);
    if (conv == nullptr) continue;
    const double factor = FactorToFreshNorm(*network.Initializer(conv->inputs[1]));
    if (factor <= 1) continue;
    Scale(network, norm.inputs[3], factor);
    Scale(network, norm.inputs[4], factor * factor);
    Scale(network, conv->inputs[1], factor);
    const bool biased = conv->inputs.size() > 2 && AreConstants(network, {conv->inputs[2]});
    if (biased) Scale(network, conv->inputs[2], factor);
  }
}

// The first axis holds the items, or their rows; or another one holds the items and nothing else. A
// shape that is not known may be anything.
bool GrowsWithTheBatch(const Shape& one, const Shape& many) {
  if (one.size() != many.size()) return false;
  for (size_t i = 0; i < one.size(); ++i) {
    if (one[i] < 0 || many[i] < 0) return true;
    if ((i == 0 || one[i] == 1) && many[i] == kManyImages * one[i]) return true;
  }
  return false;
}

// Training runs many images at once.
Expected<void> CheckBatch(const Network& network) {
  NACRE_TRY(const auto one, InferShapes(network, 1));
  const auto many = InferShapes(network, kManyImages);
  if (!many) {
    return Fail(ErrorKind::kModel, "network '" + network.name +
                                       "' is fixed to one batch, so that it cannot be trained; "
                                       "export it with a dynamic batch: " +
                                       many.error().message);
  }
  const std::string& output = network.outputs[0].name;
  const bool known = one.contains(output) && many->contains(output);
  if (!known || GrowsWithTheBatch(one.at(output).shape, many->at(output).shape)) return {};
  return Fail(ErrorKind::kModel, "output '" + output + "' of network '" + network.name +
                                     "' mixes the images of a batch: it has shape " +
                                     ToString(many->at(output).shape) + " for " +
                                     std::to_string(kManyImages) + " of them");
}

}  // namespace

Expected<void> CheckTrainable(const Network& network) {
  NACRE_CHECK_OK(Module::Lower(network));
  return CheckBatch(network);
}

Expected<Network> MakeTrainable(const Network& network, const ImageSet& images) {
  NACRE_TRY(Network trainable, WithBatchNorm(network, images));
  RestoreWeightNorms(trainable);
  return trainable;
}

}  // namespace nacre
