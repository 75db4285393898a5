#include "quantize/bias.h"

#include <algorithm>

#include "graph/simplify.h"
#include "quantize/activations.h"
#include "quantize/placement.h"

namespace nacre::quantize_internal {
namespace {

constexpr int64_t kGroups = 4;    // each needs a compilation; a guess
constexpr int64_t kImages = 192;  // enough for means; a guess

using ChannelMeans = std::vector<double>;

struct Layer {
  size_t node = 0;
  std::string output;
  int64_t channels = 0;
};

// A bias can be added, or is a constant that can be changed.
bool HasChangeableBias(const Network& network, const Node& node) {
  if (node.op == "MatMul") return false;  // its bias is another node
  if (node.inputs.size() < 3 || node.inputs[2].empty()) return true;
  const Tensor* bias = network.Initializer(node.inputs[2]);
  return bias != nullptr && bias->type() == DataType::kFloat;
}

std::vector<Layer> CorrectableLayers(const Network& network, const QuantizeOptions& options) {
  std::vector<Layer> layers;
  for (const auto& [index, axis] : Place(network, options).weighted) {
    const Node& node = network.nodes[index];
    if (!HasChangeableBias(network, node)) continue;
    const int64_t channels = network.Initializer(node.inputs[1])->shape()[axis];
    layers.push_back({index, node.outputs[0], channels});
  }
  return layers;
}

// Sums over a batch of one output, [n, channels, ...], are added to `sums`. Returns how many
// elements of each channel that were.
int64_t AddSums(std::span<const float> output, int64_t n, ChannelMeans& sums) {
  const auto channels = static_cast<int64_t>(sums.size());
  const int64_t inner = static_cast<int64_t>(output.size()) / (n * channels);
  for (int64_t run = 0; run < n * channels; ++run) {
    double& sum = sums[run % channels];
    for (const float value : output.subspan(run * inner, inner)) sum += value;
  }
  return n * inner;
}

// Mean of every channel of the layers' outputs.
Expected<std::vector<ChannelMeans>> MeasureMeans(const Network& network, Compiler& compiler,
                                                 const ImageSet& images,
                                                 const ActivationOptions& run,
                                                 std::span<const Layer> layers) {
  std::vector<std::string> values;
  std::vector<ChannelMeans> sums;
  for (const Layer& layer : layers) {
    values.push_back(layer.output);
    sums.emplace_back(layer.channels, 0.0);
  }
  std::vector<int64_t> counts(layers.size(), 0);
  const auto add = [&](std::span<const std::span<const float>> outputs, int64_t n) {
    for (size_t i = 0; i < layers.size(); ++i) counts[i] += AddSums(outputs[i], n, sums[i]);
  };
  NACRE_CHECK_OK(VisitActivations(WithOutputs(network, values), compiler, images, run, add));
  for (size_t i = 0; i < layers.size(); ++i) {
    for (double& sum : sums[i]) sum /= static_cast<double>(counts[i]);
  }
  return sums;
}

void ShiftBias(Network& network, const Layer& layer, const ChannelMeans& wanted,
               const ChannelMeans& found) {
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
  const auto append = [&](std::span<const std::span<const float>> outputs, int64_t) {
    for (const auto& each : outputs) all.insert(all.end(), each.begin(), each.end());
  };
  NACRE_CHECK_OK(VisitActivations(network, compiler, images, run, append));
  return all;
}

double SquaredDistance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = double{a[i]} - b[i];
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

Expected<Network> CorrectBias(const Network& network, Compiler& compiler,
                              const ImageSet& calibration,
                              const std::map<std::string, Range>& ranges,
                              const QuantizeOptions& options) {
  const std::vector<Layer> layers = CorrectableLayers(network, options);
  if (layers.empty()) return network;
  const ActivationOptions exact{
      .threads = options.threads, .batch = options.batch, .images = kImages};
  ActivationOptions rounded = exact;
  rounded.precision = Precision::kInt8;
  const auto quantized = [&](const Network& each) { return InsertQdq(each, ranges, options); };

  NACRE_TRY(const auto wanted, MeasureMeans(network, compiler, calibration, exact, layers));
  Network corrected = network;
  const auto count = static_cast<int64_t>(layers.size());
  const int64_t groups = std::min(kGroups, count);
  for (int64_t group = 0; group < groups; ++group) {
    const int64_t begin = group * count / groups;
    const int64_t end = (group + 1) * count / groups;
    const auto part = std::span(layers).subspan(begin, end - begin);
    NACRE_TRY(const auto found,
              MeasureMeans(quantized(corrected), compiler, calibration, rounded, part));
    for (int64_t i = begin; i < end; ++i)
      ShiftBias(corrected, layers[i], wanted[i], found[i - begin]);
  }
  RemoveDead(corrected);

  NACRE_TRY(const auto ideal, Outputs(network, compiler, calibration, exact));
  NACRE_TRY(const auto before, Outputs(quantized(network), compiler, calibration, rounded));
  NACRE_TRY(const auto after, Outputs(quantized(corrected), compiler, calibration, rounded));
  return SquaredDistance(after, ideal) < SquaredDistance(before, ideal) ? corrected : network;
}

}  // namespace nacre::quantize_internal
