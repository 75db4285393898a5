#include "graph/flow.h"

#include <algorithm>

namespace nacre::graph_internal {

Flow::Flow(const Network& network)
    : network_(network),
      adjacency_(network),
      data_(network.nodes.size()),
      live_(network.nodes.size()) {
  FindData();
  FindLive();
}

void Flow::FindData() {
  for (const Value& input : network_.inputs) data_values_.insert(input.name);
  for (size_t i = 0; i < network_.nodes.size(); ++i) {
    const Node& node = network_.nodes[i];
    if ((node.op == "Shape" || node.op == "Size") && !node.opaque()) continue;
    data_[i] = std::any_of(node.inputs.begin(), node.inputs.end(),
                           [&](const std::string& input) { return IsData(input); });
    if (!data_[i]) continue;
    for (const std::string& output : node.outputs) {
      if (!output.empty()) data_values_.insert(output);
    }
  }
}

void Flow::FindLive() {
  const auto mark = [&](const std::string& value) {
    if (const auto node = Producer(value)) live_[*node] = true;
  };
  for (const Value& output : network_.outputs) mark(output.name);
  for (size_t i = network_.nodes.size(); i-- > 0;) {
    if (!live_[i]) continue;
    for (const std::string& input : network_.nodes[i].inputs) mark(input);
  }
}

std::optional<size_t> Flow::ConstantProducer(const std::string& value) const {
  return IsData(value) ? std::nullopt : Producer(value);
}

const Tensor* Flow::Constant(const std::string& value) const {
  if (const Tensor* initializer = network_.Initializer(value)) return initializer;
  const auto maker = Producer(value);
  if (!maker || network_.nodes[*maker].op != "Constant") return nullptr;
  const auto& attributes = network_.nodes[*maker].attributes;
  const auto found = attributes.find("value");
  return found == attributes.end() ? nullptr : std::get_if<Tensor>(&found->second);
}

}  // namespace nacre::graph_internal
