#include "graph/fragment.h"

#include <algorithm>
#include <unordered_set>

namespace nacre::graph_internal {
namespace {

// The data nodes and, behind them, everything that is no data.
std::vector<size_t> WithConstants(const Network& network, const Flow& flow,
                                  const std::vector<size_t>& data_nodes) {
  std::vector<size_t> all = data_nodes;
  std::unordered_set<size_t> seen(data_nodes.begin(), data_nodes.end());
  for (size_t i = 0; i < all.size(); ++i) {
    for (const std::string& value : network.nodes[all[i]].inputs) {
      const auto producer = flow.ConstantProducer(value);
      if (producer && seen.insert(*producer).second) all.push_back(*producer);
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

Value Boundary(const ValueMap& shapes, const std::string& name) {
  Value value{name, DataType::kFloat, {}};
  if (auto found = shapes.find(name); found != shapes.end()) value = found->second;
  value.name = name;
  if (!value.shape.empty()) value.shape[0] = kDynamic;
  return value;
}

}  // namespace

Expected<std::vector<Node>> ReplaceShape(Network& network, const Node& shape_node,
                                         const std::string& batch_source, const ValueMap& shapes) {
  auto found = shapes.find(shape_node.inputs[0]);
  if (found == shapes.end() || found->second.shape.empty() ||
      std::count(found->second.shape.begin() + 1, found->second.shape.end(), kDynamic) > 0) {
    return Fail(ErrorKind::kModel, "Shape node '" + shape_node.name + "' reads '" +
                                       shape_node.inputs[0] +
                                       "', whose shape is not known; export with a fixed size");
  }
  const Shape& shape = found->second.shape;
  const auto rank = static_cast<int64_t>(shape.size());
  auto bound = [&](const char* key, int64_t otherwise) {
    const int64_t at = shape_node.Int(key, otherwise);
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const int64_t start = bound("start", 0), end = std::max(start, bound("end", rank));

  const std::string stem = shape_node.outputs[0] + "_at_cut";
  auto constant = [&](const std::string& name, std::vector<int64_t> values) {
    const auto count = static_cast<int64_t>(values.size());
    const std::string fresh = network.FreshName(name);
    network.initializers[fresh] = Tensor::Ints({count}, values);
    return fresh;
  };
  std::vector<Node> nodes;
  std::vector<std::string> pieces;
  if (start == 0 && end > 0) {
    Node whole{.name = stem + "_shape", .op = "Shape", .inputs = {batch_source}};
    whole.outputs = {network.FreshName(stem + "_shape")};
    Node batch{.name = stem + "_batch", .op = "Gather"};
    batch.inputs = {whole.outputs[0], constant(stem + "_zero", {0})};
    batch.outputs = {network.FreshName(stem + "_batch")};
    batch.attributes["axis"] = int64_t{0};
    pieces.push_back(batch.outputs[0]);
    nodes = {whole, batch};
  }
  const int64_t rest = std::max<int64_t>(start, 1);
  if (rest < end || pieces.empty()) {
    pieces.push_back(
        constant(stem + "_rest", {shape.begin() + std::min(rest, end), shape.begin() + end}));
  }
  Node joined{.name = stem, .op = "Concat", .inputs = pieces, .outputs = shape_node.outputs};
  joined.attributes["axis"] = int64_t{0};
  nodes.push_back(joined);
  return nodes;
}

Expected<Network> MakeFragment(const Network& network, const Flow& flow,
                               const std::vector<size_t>& data_nodes, const std::string& input,
                               const std::string& output, const ValueMap& shapes) {
  Network fragment;
  fragment.name = network.name;
  fragment.opset = network.opset;
  fragment.inputs = {Boundary(shapes, input)};
  fragment.outputs = {Boundary(shapes, output)};
  std::unordered_set<std::string> inside = {input};
  for (size_t i : WithConstants(network, flow, data_nodes)) {
    const Node& node = network.nodes[i];
    inside.insert(node.outputs.begin(), node.outputs.end());
    for (const std::string& value : node.inputs) {
      if (const Tensor* tensor = network.Initializer(value)) fragment.initializers[value] = *tensor;
    }
    fragment.nodes.push_back(node);
  }
  for (size_t i = 0; i < fragment.nodes.size(); ++i) {
    const Node node = fragment.nodes[i];
    if (node.op != "Shape" || inside.contains(node.inputs[0]) ||
        fragment.initializers.contains(node.inputs[0])) {
      continue;
    }
    NACRE_TRY(std::vector<Node> stand_in, ReplaceShape(fragment, node, input, shapes));
    fragment.nodes.erase(fragment.nodes.begin() + i);
    fragment.nodes.insert(fragment.nodes.begin() + i, stand_in.begin(), stand_in.end());
    i += stand_in.size() - 1;
  }
  return fragment;
}

std::vector<size_t> TailNodes(const Network& network, const Flow& flow, const std::string& input) {
  const auto before = flow.Producer(input);
  std::vector<size_t> nodes;
  for (size_t i = before ? *before + 1 : 0; i < network.nodes.size(); ++i) {
    if (flow.IsData(i)) nodes.push_back(i);
  }
  return nodes;
}

Expected<Network> MakeTailFragment(const Network& network, const Flow& flow,
                                   const std::string& input, const ValueMap& shapes) {
  NACRE_TRY(Network fragment, MakeFragment(network, flow, TailNodes(network, flow, input), input,
                                           network.outputs[0].name, shapes));
  fragment.outputs.clear();
  for (const Value& output : network.outputs) {
    fragment.outputs.push_back(Boundary(shapes, output.name));
  }
  return fragment;
}

}  // namespace nacre::graph_internal
