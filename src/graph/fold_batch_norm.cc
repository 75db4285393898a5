#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <unordered_map>

#include "graph/simplify.h"

namespace nacre {
namespace {

constexpr float kEpsilon = 1e-5f;

// y = x * scale + shift, per channel.
struct PerChannel {
  std::vector<float> scale, shift;
};

std::optional<PerChannel> AffineOf(const Network& network, const Node& node) {
  if (node.opaque() || node.op != "BatchNormalization" || node.inputs.size() != 5 ||
      node.Int("training_mode", 0) != 0) {
    return std::nullopt;
  }
  std::vector<float> parts[4];  // scale, shift, mean, variance
  for (size_t i = 0; i < 4; ++i) {
    const Tensor* tensor = network.Initializer(node.inputs[i + 1]);
    if (tensor == nullptr || tensor->type() != DataType::kFloat) return std::nullopt;
    parts[i] = tensor->ToFloats();
    if (parts[i].size() != parts[0].size()) return std::nullopt;
  }
  const double epsilon = node.Float("epsilon", kEpsilon);
  PerChannel affine;
  for (size_t c = 0; c < parts[0].size(); ++c) {
    const double gain = parts[0][c] / std::sqrt(static_cast<double>(parts[3][c]) + epsilon);
    affine.scale.push_back(static_cast<float>(gain));
    affine.shift.push_back(static_cast<float>(parts[1][c] - parts[2][c] * gain));
  }
  return affine;
}

// Elements of `weight`, those of output channel c (index along `axis`) times scale[c].
// They are made when they are first read: who only asks for the structure does not wait.
Tensor Scaled(const Tensor& weight, size_t axis, const std::vector<float>& scale) {
  return Tensor::Deferred(weight.shape(), [weight = weight.Unmade(), axis, scale] {
    std::vector<float> values = weight.Unmade().ToFloats();
    const Shape& shape = weight.shape();
    size_t inner = 1;
    for (size_t d = axis + 1; d < shape.size(); ++d) inner *= static_cast<size_t>(shape[d]);
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] *= scale[i / inner % scale.size()];
    }
    return values;
  });
}

class BatchNormFolder {
 public:
  explicit BatchNormFolder(const Network& network) : network_(network) {
    for (const Node& node : network_.nodes) {
      for (const std::string& input : node.inputs) ++readers_[input];
    }
    for (const Value& output : network_.outputs) ++readers_[output.name];
  }

  Network Run() {
    std::vector<Node> kept;
    std::unordered_map<std::string, size_t> producer;
    for (const Node& node : network_.nodes) {
      if (const auto affine = AffineOf(network_, node)) {
        const auto found = producer.find(node.inputs[0]);
        if (found != producer.end() && readers_[node.inputs[0]] == 1 &&
            Absorb(kept[found->second], *affine)) {
          kept[found->second].outputs[0] = node.outputs[0];
          producer[node.outputs[0]] = found->second;
          continue;
        }
      }
      kept.push_back(node);
      for (const std::string& output : node.outputs) producer[output] = kept.size() - 1;
    }
    network_.nodes = std::move(kept);
    RemoveDead(network_);
    return std::move(network_);
  }

 private:
  bool Absorb(Node& node, const PerChannel& affine) {
    if (node.opaque() || (node.op != "Conv" && node.op != "Gemm")) return false;
    const bool gemm = node.op == "Gemm";
    const size_t axis = gemm && node.Int("transB", 0) == 0 ? 1 : 0;
    const Tensor* weight = network_.Initializer(node.inputs[1]);
    const size_t channels = affine.scale.size();
    if (weight == nullptr || weight->type() != DataType::kFloat ||
        weight->shape()[axis] != static_cast<int64_t>(channels)) {
      return false;
    }
    std::vector<float> bias(channels, 0.0f);
    const bool has_bias = node.inputs.size() > 2 && !node.inputs[2].empty();
    if (has_bias) {
      const Tensor* given = network_.Initializer(node.inputs[2]);
      if (given == nullptr || given->type() != DataType::kFloat) return false;
      const std::vector<float> values = given->ToFloats();
      const bool row =
          given->shape().empty() || given->shape().back() == static_cast<int64_t>(values.size());
      if (!row || (values.size() != 1 && values.size() != channels)) return false;
      const float beta = gemm ? node.Float("beta", 1.0f) : 1.0f;
      for (size_t c = 0; c < channels; ++c) bias[c] = beta * values[values.size() == 1 ? 0 : c];
    }
    for (size_t c = 0; c < channels; ++c) bias[c] = bias[c] * affine.scale[c] + affine.shift[c];
    Tensor scaled = Scaled(*weight, axis, affine.scale);
    Replace(node.inputs[1], std::move(scaled));
    if (!has_bias) {
      node.inputs.resize(3);
      node.inputs[2] = network_.FreshName(node.inputs[1] + "/bias");
      ++readers_[node.inputs[2]];
    }
    Replace(node.inputs[2], Tensor::Floats({static_cast<int64_t>(channels)}, bias));
    if (gemm) node.attributes["beta"] = 1.0f;
    return true;
  }

  // Gives `input` a new value; under a new name where others read the old one.
  void Replace(std::string& input, Tensor value) {
    if (readers_[input] > 1) {
      --readers_[input];
      input = network_.FreshName(input + "/folded");
      ++readers_[input];
    }
    network_.initializers[input] = std::move(value);
  }

  Network network_;
  std::unordered_map<std::string, int> readers_;
};

}  // namespace

Network FoldBatchNorm(const Network& network) { return BatchNormFolder(network).Run(); }

Network InsertBatchNorm(const Network& network,
                        const std::map<std::string, ChannelStatistics>& statistics) {
  Network result = network;
  result.nodes.clear();
  for (const Node& node : network.nodes) {
    result.nodes.push_back(node);
    const auto found = statistics.find(node.outputs[0]);
    if (node.opaque() || node.op != "Conv" || found == statistics.end()) continue;
    const std::string& out = node.outputs[0];
    const std::vector<size_t> readers = network.Consumers(out);
    if (std::any_of(readers.begin(), readers.end(), [&](size_t reader) {
          return network.nodes[reader].op == "BatchNormalization";
        })) {
      continue;
    }
    const ChannelStatistics& channel = found->second;
    const size_t width = channel.mean.size();
    const Tensor* weight = network.Initializer(node.inputs[1]);
    if (channel.variance.size() != width ||
        (weight != nullptr && weight->shape()[0] != static_cast<int64_t>(width))) {
      throw std::logic_error("statistics of '" + out + "' do not fit its channels");
    }
    std::vector<float> gain;
    for (float variance : channel.variance) gain.push_back(std::sqrt(variance + kEpsilon));
    const std::string raw = network.FreshName(out + "/raw");
    result.nodes.back().outputs[0] = raw;
    Node norm;
    norm.name = out + "/BatchNormalization";
    norm.op = "BatchNormalization";
    norm.inputs = {raw};
    norm.outputs = {out};
    norm.attributes = {{"epsilon", kEpsilon}, {"momentum", 0.9f}};
    const std::pair<const char*, const std::vector<float>*> parameters[] = {
        {"scale", &gain},
        {"shift", &channel.mean},
        {"mean", &channel.mean},
        {"variance", &channel.variance}};
    for (const auto& [role, values] : parameters) {
      norm.inputs.push_back(network.FreshName(out + "/" + role));
      result.initializers[norm.inputs.back()] =
          Tensor::Floats({static_cast<int64_t>(width)}, *values);
    }
    result.nodes.push_back(std::move(norm));
  }
  return result;
}

}  // namespace nacre
