#include <algorithm>
#include <optional>
#include <set>

#include "graph/adjacency.h"
#include "graph/core_parts.h"
#include "graph/fresh_names.h"

namespace nacre::graph_internal {
namespace {

bool MovesIntegers(const Node& node) {
  static const std::set<std::string> kMoves = {"Identity",  "Reshape",   "Flatten", "Squeeze",
                                               "Unsqueeze", "Transpose", "MaxPool", "Slice",
                                               "Concat",    "Split",     "Gather",  "Pad"};
  return !node.opaque() && kMoves.contains(node.op);
}

// Element `c` of a scale or zero point that is one number, or one a channel.
double At(const std::vector<float>& values, int64_t c) {
  return values.size() == 1 ? values[0] : values[static_cast<size_t>(c)];
}

// (q - zero) * scale, along `axis` when there is one scale a channel.
Tensor Scaled(const Tensor& quantized, const std::vector<float>& scale,
              const std::vector<float>& zero, int64_t axis) {
  const Shape& shape = quantized.shape();
  const auto rank = static_cast<int64_t>(shape.size());
  const int64_t at = axis < 0 ? axis + rank : axis;
  int64_t inner = 1;
  for (int64_t i = at + 1; i < rank; ++i) inner *= shape[static_cast<size_t>(i)];
  const int64_t channels = at < rank ? shape[static_cast<size_t>(at)] : 1;
  std::vector<float> values = quantized.ToFloats();
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t c = static_cast<int64_t>(i) / inner % std::max<int64_t>(1, channels);
    values[i] = static_cast<float>((values[i] - At(zero, c)) * At(scale, c));
  }
  return Tensor::Floats(shape, values);
}

class Dequantizer {
 public:
  explicit Dequantizer(Network& network)
      : network_(network), adjacency_(network), fresh_(network) {}

  bool Run() {
    FindPairs();
    bool changed = false;
    for (const Value& input : network_.inputs) changed |= CastInput(input);
    std::vector<Node> nodes;
    for (Node& node : network_.nodes) {
      std::vector<Node> made = Replace(node, changed);
      std::move(made.begin(), made.end(), std::back_inserter(nodes));
    }
    network_.nodes = std::move(nodes);
    RemoveDead(network_);
    return changed;
  }

  // Integer inputs alone become floats; all else stays quantized.
  bool RunInputs() {
    bool changed = false;
    for (const Value& input : network_.inputs) changed |= CastInput(input);
    std::vector<Node> nodes;
    for (Node& node : network_.nodes) {
      const bool input = IsDequantize(node) && IsFromInput(node.inputs[0]);
      std::vector<Node> made = input ? RequantizeInput(node) : std::vector<Node>{node};
      std::move(made.begin(), made.end(), std::back_inserter(nodes));
    }
    network_.nodes = std::move(nodes);
    return changed;
  }

 private:
  std::optional<std::vector<float>> Numbers(const Node& node, size_t input) const {
    if (input >= node.inputs.size() || node.inputs[input].empty()) return std::vector<float>{0};
    const Tensor* tensor = network_.Initializer(node.inputs[input]);
    return tensor == nullptr ? std::nullopt : std::optional(tensor->ToFloats());
  }

  bool IsDequantize(const Node& node) const {
    return !node.opaque() && node.op == "DequantizeLinear" && Numbers(node, 1) && Numbers(node, 2);
  }

  // The QuantizeLinear nodes whose integers reach DequantizeLinear alone, through what only moves
  // them.
  void FindPairs() {
    for (const Node& node : network_.nodes) {
      if (node.opaque() || node.op != "QuantizeLinear") continue;
      if (EndsInDequantize(node.outputs[0])) paired_.insert(node.outputs[0]);
    }
    for (const Node& node : network_.nodes) {
      const bool moved = MovesIntegers(node) && !node.inputs.empty();
      if (moved && paired_.contains(node.inputs[0])) paired_.insert(node.outputs[0]);
    }
  }

  bool EndsInDequantize(const std::string& value) const {
    if (network_.IsOutput(value)) return false;
    const auto readers = adjacency_.Readers(value);
    return std::all_of(readers.begin(), readers.end(), [&](const Adjacency::Reader& reader) {
      const Node& node = network_.nodes[reader.node];
      if (IsDequantize(node)) return true;
      return MovesIntegers(node) && EndsInDequantize(node.outputs[0]);
    });
  }

  // The integers come from a QuantizeLinear that goes, so that they are floats now.
  bool IsPaired(const std::string& value) const { return paired_.contains(value); }

  std::vector<Node> Replace(const Node& node, bool& changed) {
    if (node.op == "QuantizeLinear" && IsPaired(node.outputs[0])) {
      changed = true;
      return {Identity(node)};
    }
    if (!IsDequantize(node)) return {node};
    if (IsPaired(node.inputs[0])) return {Identity(node)};
    changed = true;
    if (const Tensor* weights = network_.Initializer(node.inputs[0])) {
      network_.initializers[node.outputs[0]] =
          Scaled(*weights, *Numbers(node, 1), *Numbers(node, 2), node.Int("axis", 1));
      return {};
    }
    return IsFromInput(node.inputs[0]) ? ScaleInput(node) : std::vector<Node>{node};
  }

  static Node Identity(const Node& node) {
    return {.name = node.name,
            .op = "Identity",
            .inputs = {node.inputs[0]},
            .outputs = {node.outputs[0]}};
  }

  // An integer input that DequantizeLinear alone reads, through what only moves it, becomes floats
  // at once.
  bool CastInput(const Value& input) {
    const bool integer = input.type == DataType::kUint8 || input.type == DataType::kInt8;
    if (!integer || !EndsInDequantize(input.name)) return false;
    const std::string floats = fresh_.Make(input.name + "_float");
    from_input_.insert(floats);
    for (Node& node : network_.nodes) {
      std::replace(node.inputs.begin(), node.inputs.end(), input.name, floats);
      const bool moved = MovesIntegers(node) && !node.inputs.empty();
      if (moved && IsFromInput(node.inputs[0])) from_input_.insert(node.outputs[0]);
    }
    network_.nodes.insert(network_.nodes.begin(),
                          {.name = floats + "_cast",
                           .op = "Cast",
                           .inputs = {input.name},
                           .outputs = {floats},
                           .attributes = {{"to", static_cast<int64_t>(DataType::kFloat)}}});
    return true;
  }

  bool IsFromInput(const std::string& value) const { return from_input_.contains(value); }

  // (x - zero) * scale in float arithmetic.
  std::vector<Node> ScaleInput(const Node& node) {
    const std::string centred = fresh_.Make(node.outputs[0] + "_centred");
    const std::string zero = fresh_.Make(node.outputs[0] + "_zero");
    const std::string scale = fresh_.Make(node.outputs[0] + "_scale");
    network_.initializers[zero] = Tensor::Scalar(Numbers(node, 2)->at(0));
    network_.initializers[scale] = Tensor::Scalar(Numbers(node, 1)->at(0));
    return {{.name = node.name + "_sub",
             .op = "Sub",
             .inputs = {node.inputs[0], zero},
             .outputs = {centred}},
            {.name = node.name + "_mul",
             .op = "Mul",
             .inputs = {centred, scale},
             .outputs = {node.outputs[0]}}};
  }

  // The same, quantized and dequantized again: the numbers are those that INT8 has, so that this
  // changes none, and the layer behind stays in INT8.
  std::vector<Node> RequantizeInput(const Node& node) {
    Node scaled = node;
    scaled.outputs = {fresh_.Make(node.outputs[0] + "_scaled")};
    std::vector<Node> nodes = ScaleInput(scaled);
    const std::string integers = fresh_.Make(node.outputs[0] + "_integers");
    Node quantize = node, dequantize = node;
    quantize.name = node.name + "_quantize";
    quantize.op = "QuantizeLinear";
    quantize.inputs[0] = scaled.outputs[0];
    quantize.outputs = {integers};
    dequantize.inputs[0] = integers;
    nodes.push_back(std::move(quantize));
    nodes.push_back(std::move(dequantize));
    return nodes;
  }

  Network& network_;
  const Adjacency adjacency_;
  FreshNames fresh_;
  std::set<std::string> paired_;      // integers that become floats
  std::set<std::string> from_input_;  // floats that hold the integers of an input
};

}  // namespace

bool Dequantize(Network& network) { return Dequantizer(network).Run(); }

bool FloatInputs(Network& network) { return Dequantizer(network).RunInputs(); }

}  // namespace nacre::graph_internal
