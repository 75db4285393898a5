#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "graph/channels.h"

namespace nacre {
namespace {

// Adds to `sums` the squares of the weights of each channel of the slice.
void AddSquares(const Tensor& weight, const ChannelSlice& slice, std::vector<double>& sums,
                const std::vector<double>& gain = {}) {
  const std::vector<float> values = weight.ToFloats();
  const Shape& shape = weight.shape();
  const int64_t length = shape[slice.axis];
  const int64_t inner = ElementCount({shape.begin() + slice.axis + 1, shape.end()});
  const int64_t outer = ElementCount({shape.begin(), shape.begin() + slice.axis});
  const int64_t part = slice.count / slice.parts;  // channels on the axis, for each run of outputs
  for (int64_t o = 0; o < outer; ++o) {
    const int64_t shift = slice.parts > 1 ? o * slice.parts / outer * part : 0;
    for (int64_t e = 0; e < part * slice.repeat; ++e) {
      const float* row = values.data() + (o * length + slice.offset + e) * inner;
      double sum = 0;
      for (int64_t i = 0; i < inner; ++i) sum += static_cast<double>(row[i]) * row[i];
      const double factor = gain.empty() ? 1 : gain[slice.offset + e];
      sums[slice.first + shift + e / slice.repeat] += sum * factor * factor;
    }
  }
}

// gain / sqrt(variance + epsilon) of the batch-norm that alone reads the node's output; empty when
// there is none.
std::vector<double> BatchNormGain(const Network& network, const std::vector<int>& reader,
                                  size_t node) {
  if (reader[node] < 0) return {};
  const Node& norm = network.nodes[reader[node]];
  if (norm.op != "BatchNormalization") return {};
  const Tensor* gain = network.Initializer(norm.inputs[1]);
  const Tensor* variance = network.Initializer(norm.inputs[4]);
  if (gain == nullptr || variance == nullptr) return {};
  const std::vector<float> gains = gain->ToFloats(), variances = variance->ToFloats();
  std::vector<double> result(gains.size());
  for (size_t i = 0; i < result.size(); ++i) {
    result[i] =
        gains[i] / std::sqrt(variances[i] + static_cast<double>(norm.Float("epsilon", 1e-5f)));
  }
  return result;
}

// For each node, the one node that reads its first output; -1 when there is not exactly one.
std::vector<int> SoleReaders(const Network& network) {
  std::map<std::string, int> makers;
  std::vector<int> readers(network.nodes.size(), -1);
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    for (const std::string& input : network.nodes[i].inputs) {
      auto maker = makers.find(input);
      if (maker == makers.end()) continue;
      readers[maker->second] = readers[maker->second] == -1 ? static_cast<int>(i) : -2;
    }
    if (!network.nodes[i].outputs.empty())
      makers[network.nodes[i].outputs[0]] = static_cast<int>(i);
  }
  return readers;
}

bool HoldsWeights(const Node& node, int input) {
  return input == 1 && (node.op == "Conv" || node.op == "ConvTranspose" || node.op == "Gemm" ||
                        node.op == "MatMul");
}

}  // namespace

std::vector<double> ChannelImportance(const Network& network, const ChannelGroup& group) {
  std::vector<double> incoming(group.width), outgoing(group.width);
  const std::vector<int> readers = SoleReaders(network);
  bool made = false, read = false;
  for (const ChannelSlice& slice : group.producers) {
    const Tensor* weight = network.Initializer(slice.value);
    if (weight == nullptr || !HoldsWeights(network.nodes[slice.node], slice.input)) continue;
    AddSquares(*weight, slice, incoming, BatchNormGain(network, readers, slice.node));
    made = true;
  }
  for (const ChannelSlice& slice : group.consumers) {
    const Tensor* weight = network.Initializer(slice.value);
    if (weight == nullptr) continue;
    AddSquares(*weight, slice, outgoing);
    read = true;
  }
  std::vector<double> importance(group.width);
  for (int64_t c = 0; c < group.width; ++c) {
    importance[c] = (made ? std::sqrt(incoming[c]) : 1) * (read ? std::sqrt(outgoing[c]) : 1);
  }
  return importance;
}

Expected<std::vector<int64_t>> SelectChannels(const ChannelGroup& group,
                                              const std::vector<double>& importance,
                                              int64_t width) {
  if (static_cast<int64_t>(importance.size()) != group.width || width < 1 || width > group.width) {
    throw std::logic_error("SelectChannels: importance or width does not fit group '" + group.name +
                           "'");
  }
  int64_t parts = 1;
  for (const EqualParts& equal : group.equal_parts) {
    if (equal.first != 0 || equal.count != group.width) {
      return Fail(ErrorKind::kModel, "group '" + group.name +
                                         "' is only partly read by a grouped convolution; "
                                         "choose its channels by hand");
    }
    parts = std::lcm(parts, equal.parts);
  }
  if (width % parts != 0 || group.width % parts != 0) {
    return Fail(ErrorKind::kModel, "group '" + group.name + "' keeps a multiple of " +
                                       std::to_string(parts) + " channels, not " +
                                       std::to_string(width));
  }
  std::vector<int64_t> keep;
  const int64_t run = group.width / parts;
  for (int64_t part = 0; part < parts; ++part) {
    std::vector<int64_t> order(run);
    std::iota(order.begin(), order.end(), part * run);
    std::stable_sort(order.begin(), order.end(),
                     [&](int64_t a, int64_t b) { return importance[a] > importance[b]; });
    keep.insert(keep.end(), order.begin(), order.begin() + width / parts);
  }
  std::sort(keep.begin(), keep.end());
  return keep;
}

}  // namespace nacre
