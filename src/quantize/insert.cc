#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "graph/fresh_names.h"
#include "quantize/placement.h"
#include "quantize/scale.h"
#include "quantize/weights.h"

namespace nacre {

using namespace quantize_internal;

namespace {

class Inserter {
 public:
  Inserter(const Network& network, const QuantizeOptions& options)
      : source_(network), options_(options), result_(network), names_(network) {
    result_.nodes.clear();
    for (const auto& node : network.nodes) names_.Take(node.name);
  }

  Network Run(const std::map<std::string, Range>& ranges) {
    const Placement placement = Place(source_, options_);
    ShareRanges(placement, ranges);
    ChooseWeights(placement);
    for (const auto& input : source_.inputs) Quantise(input.name);
    for (size_t i = 0; i < source_.nodes.size(); ++i) Rewrite(i);
    RemoveUnusedWeights();
    return std::move(result_);
  }

 private:
  // Values of one group get the union of their ranges.
  void ShareRanges(const Placement& placement, const std::map<std::string, Range>& ranges) {
    std::map<size_t, Range> shared;
    for (const auto& value : placement.values) {
      const auto found = ranges.find(value);
      if (found == ranges.end()) continue;
      Range& range = shared[placement.group.at(value)];
      range.low = std::min(range.low, found->second.low);
      range.high = std::max(range.high, found->second.high);
    }
    for (const auto& value : placement.values) {
      if (ranges.contains(value)) ranges_[value] = shared.at(placement.group.at(value));
    }
  }

  // Weights become INT8 where the data input does.
  void ChooseWeights(const Placement& placement) {
    for (size_t i = 0; i < placement.weighted.size(); ++i) {
      const auto& sources = placement.sources[i];
      const bool all = std::all_of(sources.begin(), sources.end(),
                                   [&](const auto& value) { return ranges_.contains(value); });
      if (all) axis_[placement.weighted[i].node] = placement.weighted[i].axis;
    }
  }

  std::string AddInitializer(const std::string& stem, Tensor tensor) {
    std::string name = names_.Make(stem);
    result_.initializers.emplace(name, std::move(tensor));
    return name;
  }

  std::string Append(const std::string& op, const std::string& stem,
                     std::vector<std::string> inputs, std::map<std::string, Attribute> attributes) {
    Node node;
    node.op = op;
    node.inputs = std::move(inputs);
    node.outputs = {names_.Make(stem)};
    node.name = names_.Make(node.outputs[0] + "/" + op);
    node.attributes = std::move(attributes);
    result_.nodes.push_back(std::move(node));
    return result_.nodes.back().outputs[0];
  }

  // Adds Q and DQ behind a value that has a range.
  void Quantise(const std::string& value) {
    const auto range = ranges_.find(value);
    if (range == ranges_.end()) return;
    const Uint8Scale scale = ScaleOf(range->second);
    const std::string s = AddInitializer(value + "/scale", Tensor::Scalar(scale.scale));
    const std::string z =
        AddInitializer(value + "/zero_point", Tensor::Uint8s({}, {scale.zero_point}));
    const std::string q = Append("QuantizeLinear", value + "/quantized", {value, s, z}, {});
    dequantized_[value] = Append("DequantizeLinear", value + "/dequantized", {q, s, z}, {});
  }

  // INT8 values and their scales; of a weight that is not made yet, as recipes.
  std::pair<Tensor, Tensor> QuantizedTensors(const Tensor& weight, int64_t axis) const {
    const int bits = options_.weight_bits;
    const Shape channels = {weight.shape()[static_cast<size_t>(axis)]};
    if (!weight.is_deferred()) {
      const QuantizedWeight quantized = QuantizeWeight(weight, axis, bits);
      return {quantized.values, Tensor::Floats(channels, quantized.scales)};
    }
    const Tensor source = weight.Unmade();
    const auto values = [source, axis, bits] {
      const QuantizedWeight quantized = QuantizeWeight(source.Unmade(), axis, bits);
      const auto* begin = reinterpret_cast<const int8_t*>(quantized.values.bytes().data());
      return std::vector<int8_t>(begin, begin + quantized.values.count());
    };
    const auto scales = [source, axis, bits] {
      return QuantizeWeight(source.Unmade(), axis, bits).scales;
    };
    return {Tensor::DeferredInt8s(weight.shape(), values), Tensor::Deferred(channels, scales)};
  }

  std::string DequantizedWeight(const std::string& name, int64_t axis) {
    const auto [entry, fresh] = weights_.try_emplace({name, axis});
    if (!fresh) return entry->second;
    const Tensor& source = *source_.Initializer(name);
    const int64_t channels = source.shape()[static_cast<size_t>(axis)];
    const auto [values, scales] = QuantizedTensors(source, axis);
    const std::string q = AddInitializer(name + "/quantized", values);
    const std::string s = AddInitializer(name + "/scale", scales);
    const std::string z = AddInitializer(
        name + "/zero_point", Tensor::Int8s({channels}, std::vector<int8_t>(channels, 0)));
    entry->second = Append("DequantizeLinear", name + "/dequantized", {q, s, z}, {{"axis", axis}});
    return entry->second;
  }

  void Rewrite(size_t index) {
    Node node = source_.nodes[index];
    if (!StaysFloat(node, options_)) {
      for (auto& input : node.inputs) {
        const auto found = dequantized_.find(input);
        if (found != dequantized_.end()) input = found->second;
      }
    }
    const auto axis = axis_.find(index);
    if (axis != axis_.end()) node.inputs[1] = DequantizedWeight(node.inputs[1], axis->second);
    const std::vector<std::string> outputs = node.outputs;
    result_.nodes.push_back(std::move(node));
    for (const auto& output : outputs) Quantise(output);
  }

  // Removes float weights that nothing reads any longer. What the source did not use stays.
  void RemoveUnusedWeights() {
    std::unordered_set<std::string> used;
    for (const auto& node : result_.nodes) used.insert(node.inputs.begin(), node.inputs.end());
    for (const auto& output : result_.outputs) used.insert(output.name);
    for (const auto& [key, dequantized] : weights_) {
      if (!used.contains(key.first)) result_.initializers.erase(key.first);
    }
  }

  const Network& source_;
  const QuantizeOptions& options_;
  Network result_;
  FreshNames names_;
  std::map<std::string, Range> ranges_;
  std::map<size_t, int64_t> axis_;  // of the nodes whose weights become INT8
  std::unordered_map<std::string, std::string> dequantized_;
  std::map<std::pair<std::string, int64_t>, std::string> weights_;
};

}  // namespace

Network InsertQdq(const Network& network, const std::map<std::string, Range>& ranges,
                  const QuantizeOptions& options) {
  return Inserter(network, options).Run(ranges);
}

}  // namespace nacre
