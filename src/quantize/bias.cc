#include "quantize/bias.h"

#include <algorithm>

#include "graph/simplify.h"
#include "quantize/activations.h"
#include "quantize/placement.h"

namespace nacre {
namespace {

constexpr int64_t kGroups = 4;
constexpr int64_t kImages = 192;

using Means = std::vector<double>;

struct Layer {
  size_t node = 0;
  std::string output;
  int64_t channels = 0;
};

std::vector<Layer> Correctable(const Network& network, const QuantizeOptions& options) {
  std::vector<Layer> layers;
  for (const auto& [index, axis] : Place(network, options).weighted) {
    const Node& node = network.nodes[index];
    if (node.op == "MatMul") continue;  // its bias is another node
    if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
      const Tensor* bias = network.Initializer(node.inputs[2]);
      if (!bias || bias->type() != DataType::kFloat) continue;
    }
    const int64_t channels = network.Initializer(node.inputs[1])->shape()[axis];
    layers.push_back({index, node.outputs[0], channels});
  }
  return layers;
}

// Mean of every channel of the layers' outputs, [n, C, ...].
Expected<std::vector<Means>> ChannelMeans(const Network& network, Compiler& compiler,
                                          const ImageSet& images, const ActivationOptions& run,
                                          std::span<const Layer> layers) {
  std::vector<std::string> values;
  std::vector<Means> sums;
  for (const Layer& layer : layers) {
    values.push_back(layer.output);
    sums.emplace_back(layer.channels, 0.0);
  }
  std::vector<int64_t> counts(layers.size(), 0);
  NACRE_CHECK_OK(ForEachBatch(WithOutputs(network, values), compiler, images, run,
                              [&](std::span<const std::span<const float>> outputs, int64_t n) {
                                for (size_t i = 0; i < layers.size(); ++i) {
                                  const int64_t channels = layers[i].channels;
                                  const int64_t inner =
                                      static_cast<int64_t>(outputs[i].size()) / (n * channels);
                                  const float* at = outputs[i].data();
                                  for (int64_t run = 0; run < n * channels; ++run, at += inner)
                                    for (int64_t k = 0; k < inner; ++k)
                                      sums[i][run % channels] += at[k];
                                  counts[i] += n * inner;
                                }
                              }));
  for (size_t i = 0; i < layers.size(); ++i)
    for (double& sum : sums[i]) sum /= static_cast<double>(counts[i]);
  return sums;
}

void ShiftBias(Network& network, const Layer& layer, const Means& wanted, const Means& found) {
  Node& node = network.nodes[layer.node];
  std::vector<float> bias(layer.channels, 0.0f);
  if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
    const auto old = network.Initializer(node.inputs[2])->ToFloats();
    for (size_t c = 0; c < bias.size(); ++c) bias[c] = old[old.size() == 1 ? 0 : c];
  }
  for (size_t c = 0; c < bias.size(); ++c) bias[c] += static_cast<float>(wanted[c] - found[c]);
  node.inputs.resize(3);
  node.inputs[2] = network.FreshName(layer.output + "/bias_corrected");
  network.initializers[node.inputs[2]] = Tensor::Floats({layer.channels}, bias);
}

Expected<std::vector<float>> Outputs(const Network& network, Compiler& compiler,
                                     const ImageSet& images, const ActivationOptions& run) {
  std::vector<float> all;
  NACRE_CHECK_OK(ForEachBatch(network, compiler, images, run,
                              [&](std::span<const std::span<const float>> outputs, int64_t) {
                                for (const auto& each : outputs)
                                  all.insert(all.end(), each.begin(), each.end());
                              }));
  return all;
}

double SquaredDistance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return sum;
}

}  // namespace

Expected<Network> CorrectBias(const Network& network, Compiler& compiler,
                              const ImageSet& calibration,
                              const std::map<std::string, Range>& ranges,
                              const QuantizeOptions& options) {
  const std::vector<Layer> layers = Correctable(network, options);
  if (layers.empty()) return network;
  const ActivationOptions exact{
      .threads = options.threads, .batch = options.batch, .images = kImages};
  ActivationOptions rounded = exact;
  rounded.precision = Precision::kInt8;
  const auto quantized = [&](const Network& each) { return InsertQdq(each, ranges, options); };

  NACRE_TRY(const auto wanted, ChannelMeans(network, compiler, calibration, exact, layers));
  Network corrected = network;
  const auto count = static_cast<int64_t>(layers.size());
  const int64_t groups = std::min(kGroups, count);
  for (int64_t group = 0; group < groups; ++group) {
    const int64_t begin = group * count / groups, end = (group + 1) * count / groups;
    const auto part = std::span(layers).subspan(begin, end - begin);
    NACRE_TRY(const auto found,
              ChannelMeans(quantized(corrected), compiler, calibration, rounded, part));
    for (int64_t i = begin; i < end; ++i)
      ShiftBias(corrected, layers[i], wanted[i], found[i - begin]);
  }
  RemoveDead(corrected);

  NACRE_TRY(const auto ideal, Outputs(network, compiler, calibration, exact));
  NACRE_TRY(const auto before, Outputs(quantized(network), compiler, calibration, rounded));
  NACRE_TRY(const auto after, Outputs(quantized(corrected), compiler, calibration, rounded));
  return SquaredDistance(after, ideal) < SquaredDistance(before, ideal) ? corrected : network;
}

}  // namespace nacre
