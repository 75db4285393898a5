#include "graph/flow.h"

namespace nacre {

Flow::Flow(const Network& network)
    : network_(network), data_(network.nodes.size()), live_(network.nodes.size()) {
  for (const Value& input : network.inputs) data_values_[input.name] = true;
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    const Node& node = network.nodes[i];
    if (node.op != "Shape" || node.opaque()) {
      for (const std::string& input : node.inputs) data_[i] = data_[i] || IsData(input);
    }
    for (const std::string& output : node.outputs) {
      producer_[output] = static_cast<int>(i);
      if (data_[i]) data_values_[output] = true;
    }
  }
  auto mark = [&](const std::string& value) {
    if (int node = Producer(value); node >= 0) live_[node] = true;
  };
  for (const Value& output : network.outputs) mark(output.name);
  for (size_t i = network.nodes.size(); i-- > 0;) {
    if (!live_[i]) continue;
    for (const std::string& input : network.nodes[i].inputs) mark(input);
  }
}

int Flow::Producer(const std::string& value) const {
  auto found = producer_.find(value);
  return found == producer_.end() ? -1 : found->second;
}

const Tensor* Flow::Constant(const std::string& value) const {
  if (auto found = network_.initializers.find(value); found != network_.initializers.end()) {
    return &found->second;
  }
  const int node = Producer(value);
  if (node < 0 || network_.nodes[node].op != "Constant") return nullptr;
  auto found = network_.nodes[node].attributes.find("value");
  return found == network_.nodes[node].attributes.end() ? nullptr
                                                        : std::get_if<Tensor>(&found->second);
}

}  // namespace nacre
