#include "graph/adjacency.h"

namespace nacre {

Adjacency::Adjacency(const Network& network) {
  links_.reserve(2 * network.nodes.size());
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    const Node& node = network.nodes[i];
    for (size_t input = 0; input < node.inputs.size(); ++input) {
      links_[node.inputs[input]].readers.push_back({i, input});
    }
    for (const std::string& output : node.outputs) links_[output].producer = i;
  }
  links_.erase("");  // stands for inputs and outputs that are not given
}

const Adjacency::Links* Adjacency::Find(const std::string& value) const {
  const auto found = links_.find(value);
  return found == links_.end() ? nullptr : &found->second;
}

std::optional<size_t> Adjacency::Producer(const std::string& value) const {
  const Links* links = Find(value);
  return links == nullptr ? std::nullopt : links->producer;
}

std::span<const Adjacency::Reader> Adjacency::Readers(const std::string& value) const {
  const Links* links = Find(value);
  if (links == nullptr) return {};
  return links->readers;
}

std::optional<size_t> Adjacency::SoleReader(const std::string& value) const {
  const auto readers = Readers(value);
  if (readers.size() != 1) return std::nullopt;
  return readers[0].node;
}

}  // namespace nacre
