#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "graph/adjacency.h"
#include "graph/channels.h"
#include "graph/operations.h"

namespace nacre {
namespace {

// The L2 norm of the weights of each channel of a group.
class Norms {
 public:
  explicit Norms(int64_t width) : squares_(static_cast<size_t>(width)) {}

  // `gain`: a factor for each element of the slice's axis; empty: 1.
  void Add(const Tensor& weight, const ChannelSlice& slice, const std::vector<double>& gain = {}) {
    any_ = true;
    std::vector<float> converted;
    if (weight.type() != DataType::kFloat) converted = weight.ToFloats();
    const float* values = converted.empty() ? weight.floats().data() : converted.data();
    const Shape& shape = weight.shape();
    const int64_t length = shape[slice.axis];
    const int64_t inner = ElementCount({shape.begin() + slice.axis + 1, shape.end()});
    const int64_t outer = ElementCount({shape.begin(), shape.begin() + slice.axis});
    const int64_t part = slice.count / slice.parts;  // channels on the axis, per run of outputs
    for (int64_t o = 0; o < outer; ++o) {
      const int64_t first = slice.first + o * slice.parts / outer * part;
      for (int64_t e = 0; e < part * slice.repeat; ++e) {
        const float* row = values + (o * length + slice.offset + e) * inner;
        const double factor = gain.empty() ? 1 : gain[slice.offset + e];
        squares_[first + e / slice.repeat] += SumOfSquares(row, inner) * factor * factor;
      }
    }
  }

  // 1 for all channels when there are no weights.
  double Of(int64_t channel) const { return any_ ? std::sqrt(squares_[channel]) : 1; }

 private:
  static double SumOfSquares(const float* values, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(values[i]) * values[i];
    return sum;
  }

  std::vector<double> squares_;
  bool any_ = false;
};

// gain / sqrt(variance + epsilon) of the batch-norm that alone reads the node's output; empty when
// there is none.
std::vector<double> BatchNormGain(const Network& network, const Adjacency& adjacency,
                                  const Node& node) {
  const auto reader = adjacency.SoleReader(node.outputs[0]);
  if (!reader || network.nodes[*reader].op != "BatchNormalization") return {};
  const Node& norm = network.nodes[*reader];
  const Tensor* gain = network.Initializer(norm.inputs[1]);
  const Tensor* variance = network.Initializer(norm.inputs[4]);
  if (gain == nullptr || variance == nullptr) return {};
  const std::vector<float> gains = gain->ToFloats(), variances = variance->ToFloats();
  const double epsilon = norm.Float("epsilon", 1e-5f);
  std::vector<double> result(gains.size());
  for (size_t i = 0; i < result.size(); ++i) {
    result[i] = gains[i] / std::sqrt(variances[i] + epsilon);
  }
  return result;
}

bool HoldsWeights(const Node& node, int input) {
  const ChannelCoupling coupling = TraitsOf(node.op).channels;
  return input == 1 &&
         (coupling == ChannelCoupling::kConvolution || coupling == ChannelCoupling::kLinear);
}

// Into how many equal runs of channels the group falls, as many of each to be kept.
Expected<int64_t> PartsOf(const ChannelGroup& group) {
  int64_t parts = 1;
  for (const EqualParts& equal : group.equal_parts) {
    if (equal.first != 0 || equal.count != group.width) {
      return Fail(ErrorKind::kModel, "group '" + group.name +
                                         "' is only partly read by a grouped convolution; "
                                         "choose its channels by hand");
    }
    parts = std::lcm(parts, equal.parts);
  }
  return parts;
}

}  // namespace

std::vector<double> ChannelImportance(const Network& network, const ChannelGroup& group) {
  const Adjacency adjacency(network);
  Norms incoming(group.width), outgoing(group.width);
  for (const ChannelSlice& slice : group.producers) {
    const Node& node = network.nodes[slice.node];
    const Tensor* weight = network.Initializer(slice.value);
    if (weight == nullptr || !HoldsWeights(node, slice.input)) continue;
    incoming.Add(*weight, slice, BatchNormGain(network, adjacency, node));
  }
  for (const ChannelSlice& slice : group.consumers) {
    if (const Tensor* weight = network.Initializer(slice.value)) outgoing.Add(*weight, slice);
  }
  std::vector<double> importance;
  for (int64_t c = 0; c < group.width; ++c) importance.push_back(incoming.Of(c) * outgoing.Of(c));
  return importance;
}

Expected<std::vector<int64_t>> SelectChannels(const ChannelGroup& group,
                                              const std::vector<double>& importance,
                                              int64_t width) {
  if (static_cast<int64_t>(importance.size()) != group.width || width < 1 || width > group.width) {
    throw std::logic_error("SelectChannels: importance or width does not fit group '" + group.name +
                           "'");
  }
  NACRE_TRY(const int64_t parts, PartsOf(group));
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
