#include "train/trainable.h"

#include <cmath>

#include "graph/simplify.h"
#include "train/trainer.h"

namespace nacre {
namespace {

// Batch-norm with statistics from data where the export folded it away; the function is unchanged.
Expected<Network> WithBatchNorm(const Network& network, const ImageSet& images) {
  std::vector<std::string> values;
  for (const Node& node : network.nodes) {
    if (node.op != "Conv" || node.opaque() || network.IsOutput(node.outputs[0])) continue;
    const auto consumers = network.Consumers(node.outputs[0]);
    const bool normalised =
        consumers.size() == 1 && network.nodes[consumers[0]].op == "BatchNormalization";
    if (!normalised) values.push_back(node.outputs[0]);
  }
  if (values.empty()) return network;
  NACRE_TRY(const auto measured, MeasureChannels(network, values, images));
  std::map<std::string, ChannelStatistics> statistics;
  for (const auto& [value, each] : measured) statistics[value] = {each.mean, each.variance};
  return InsertBatchNorm(network, statistics);
}

Tensor Scaled(const Tensor& tensor, double factor) {
  std::vector<float> values = tensor.ToFloats();
  for (float& value : values) value = static_cast<float>(value * factor);
  return Tensor::Floats(tensor.shape(), values);
}

// Every convolution before a batch-norm at the weight norm of a fresh one (He, fan-out), the
// statistics with it: the same function, but steps of the optimizer then have the size that
// learning rates are chosen for. Weights that have absorbed a batch-norm are several times smaller,
// and training diverged on them.
void RestoreWeightNorms(Network& network) {
  for (const Node& node : network.nodes) {
    if (node.op != "BatchNormalization" || node.inputs.size() < 5) continue;
    const auto producer = network.Producer(node.inputs[0]);
    if (!producer || network.nodes[*producer].op != "Conv") continue;
    const Node& conv = network.nodes[*producer];
    const Tensor* weight = network.Initializer(conv.inputs[1]);
    const Tensor *mean = network.Initializer(node.inputs[3]),
                 *variance = network.Initializer(node.inputs[4]);
    if (weight == nullptr || mean == nullptr || variance == nullptr) continue;
    double squares = 0;
    for (float value : weight->ToFloats()) squares += static_cast<double>(value) * value;
    const auto count = static_cast<double>(weight->count());
    if (squares <= 0) continue;
    const double fan_out = count / static_cast<double>(weight->shape()[1]);
    const double factor = std::sqrt(2 / fan_out) / std::sqrt(squares / count);
    if (factor <= 1) continue;
    network.initializers[node.inputs[3]] = Scaled(*mean, factor);
    network.initializers[node.inputs[4]] = Scaled(*variance, factor * factor);
    network.initializers[conv.inputs[1]] = Scaled(*weight, factor);
    if (conv.inputs.size() > 2 && !conv.inputs[2].empty()) {
      if (const Tensor* bias = network.Initializer(conv.inputs[2])) {
        network.initializers[conv.inputs[2]] = Scaled(*bias, factor);
      }
    }
  }
}

}  // namespace

Expected<Network> MakeTrainable(const Network& network, const ImageSet& images) {
  NACRE_TRY(Network trainable, WithBatchNorm(network, images));
  RestoreWeightNorms(trainable);
  return trainable;
}

}  // namespace nacre
