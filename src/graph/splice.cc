#include <algorithm>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

#include "graph/blocks.h"
#include "graph/flow.h"
#include "graph/fragment.h"
#include "graph/shapes.h"

namespace nacre {

using namespace graph_internal;

namespace {

// Indices of the data nodes behind `input` up to the producer of `output`.
std::vector<size_t> Region(const Network& network, const Flow& flow, const std::string& input,
                           const std::string& output) {
  const std::vector<std::string> cuts = CutPoints(network);
  auto from = std::find(cuts.begin(), cuts.end(), input);
  auto to = std::find(from, cuts.end(), output);
  if (from == cuts.end() || to == cuts.end() || from == to) {
    throw std::logic_error("'" + input + "' and '" + output + "' are no cut points in this order");
  }
  const auto before = flow.Producer(input), last = flow.Producer(output);
  std::vector<size_t> region;
  for (size_t i = before ? *before + 1 : 0; last && i <= *last; ++i) {
    if (flow.IsData(i)) region.push_back(i);
  }
  return region;
}

ValueMap ShapesOrThrow(const Network& network) {
  auto shapes = InferShapes(network, 1);
  if (!shapes) throw std::logic_error(shapes.error().message);
  return std::move(*shapes);
}

// Gives the fragment's values the names that they shall have in the network.
class Renaming {
 public:
  Renaming(const Network& stays, const Network& fragment, const std::string& input,
           const std::string& output) {
    for (const Value& value : stays.inputs) taken_.insert(value.name);
    for (const auto& [name, tensor] : stays.initializers) taken_.insert(name);
    for (const Node& node : stays.nodes) {
      taken_.insert(node.outputs.begin(), node.outputs.end());
      node_names_.insert(node.name);
    }
    taken_.insert(output);
    names_[fragment.inputs[0].name] = input;
    names_[fragment.outputs[0].name] = output;
    names_[""] = "";
    for (const auto& [name, tensor] : fragment.initializers) {
      auto same = stays.initializers.find(name);
      if (same != stays.initializers.end() && same->second == tensor) names_[name] = name;
    }
  }

  const std::string& operator()(const std::string& name) {
    auto [entry, fresh] = names_.try_emplace(name);
    if (fresh) entry->second = Free(taken_, name);
    return entry->second;
  }
  std::string NodeName(const std::string& name) {
    return name.empty() ? name : Free(node_names_, name);
  }

 private:
  static std::string Free(std::unordered_set<std::string>& taken, const std::string& name) {
    std::string candidate = name;
    for (int i = 1; !taken.insert(candidate).second; ++i) {
      candidate = std::string("f").append(std::to_string(i)).append("/").append(name);
    }
    return candidate;
  }

  std::unordered_set<std::string> taken_, node_names_;
  std::unordered_map<std::string, std::string> names_;
};

// The fragment's nodes and initializers under their new names; the initializers go to `network`.
std::vector<Node> Rename(Network& network, const Network& fragment, const std::string& input,
                         const std::string& output) {
  if (fragment.inputs.size() != 1 || fragment.outputs.size() != 1) {
    throw std::logic_error("a fragment has one input and one output");
  }
  if (fragment.inputs[0].name == fragment.outputs[0].name) {
    return {
        Node{.name = output + "_same", .op = "Identity", .inputs = {input}, .outputs = {output}}};
  }
  Renaming renamed(network, fragment, input, output);
  std::vector<Node> nodes = fragment.nodes;
  for (Node& node : nodes) {
    node.name = renamed.NodeName(node.name);
    for (std::string& value : node.inputs) value = renamed(value);
    for (std::string& value : node.outputs) value = renamed(value);
  }
  for (const auto& [name, tensor] : fragment.initializers) {
    network.initializers[renamed(name)] = tensor;
  }
  return nodes;
}

// Shape nodes outside the region that read a value which is gone.
void LeadShapesAnew(Network& network, const Network& original,
                    const std::unordered_set<std::string>& gone, const std::string& input) {
  ValueMap shapes;
  std::vector<Node> nodes;
  for (Node& node : network.nodes) {
    if (node.op != "Shape" || !gone.contains(node.inputs[0])) {
      nodes.push_back(std::move(node));
      continue;
    }
    if (shapes.empty()) shapes = ShapesOrThrow(original);
    const auto stand_in = ReplaceShape(network, node, input, shapes);
    if (!stand_in) throw std::logic_error(stand_in.error().message);
    nodes.insert(nodes.end(), stand_in->begin(), stand_in->end());
  }
  network.nodes = std::move(nodes);
}

}  // namespace

Network Extract(const Network& network, const std::string& input, const std::string& output) {
  const Flow flow(network);
  const std::vector<size_t> region = Region(network, flow, input, output);
  auto fragment = MakeFragment(network, flow, region, input, output, ShapesOrThrow(network));
  if (!fragment) throw std::logic_error(fragment.error().message);
  return std::move(*fragment);
}

Network ExtractTail(const Network& network, const std::string& input) {
  const Flow flow(network);
  auto fragment = MakeTailFragment(network, flow, input, ShapesOrThrow(network));
  if (!fragment) throw std::logic_error(fragment.error().message);
  return std::move(*fragment);
}

Network Splice(const Network& network, const std::string& input, const std::string& output,
               const Network& fragment) {
  const Flow flow(network);
  const std::vector<size_t> region = Region(network, flow, input, output);
  const std::unordered_set<size_t> inside(region.begin(), region.end());

  Network result = network;
  result.nodes.clear();
  std::unordered_set<std::string> gone;
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    const Node& node = network.nodes[i];
    if (inside.contains(i)) {
      gone.insert(node.outputs.begin(), node.outputs.end());
    } else {
      result.nodes.push_back(node);
    }
  }
  gone.erase(output);
  // What only the region read goes now, so that its names are free again; what leads to `input`
  // stays.
  result.outputs.push_back({input, DataType::kFloat, {}});
  RemoveDead(result);
  result.outputs.pop_back();

  std::vector<Node> nodes = Rename(result, fragment, input, output);
  const auto source = result.Producer(input);
  result.nodes.insert(result.nodes.begin() + (source ? *source + 1 : 0), nodes.begin(),
                      nodes.end());
  LeadShapesAnew(result, network, gone, input);
  RemoveDead(result);
  return result;
}

}  // namespace nacre
