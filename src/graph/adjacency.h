// Who makes and who reads each value of a network.
//
// Found once, in linear time, and asked often: Network::Producer and Network::Consumers search all
// nodes at each call. Thread-safe: all methods are const.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "graph/network.h"

namespace nacre {

// Copies names and indices; they hold while the nodes of the network keep their positions and
// names.
class Adjacency {
 public:
  // One input of a node.
  struct Reader {
    size_t node = 0;   // index into Network::nodes
    size_t input = 0;  // index into Node::inputs
    bool operator==(const Reader&) const = default;
  };

  explicit Adjacency(const Network& network);

  // The node that makes a value; nothing for inputs, initializers, unknown names and "".
  std::optional<size_t> Producer(const std::string& value) const;
  // All inputs that read a value, in the order of the nodes. A node that reads it twice occurs
  // twice; outputs of the network do not count. Empty for unknown names and "".
  std::span<const Reader> Readers(const std::string& value) const;
  // The node whose input alone reads the value; nothing when no input reads it, or several.
  std::optional<size_t> SoleReader(const std::string& value) const;

 private:
  struct Links {
    std::optional<size_t> producer;
    std::vector<Reader> readers;
  };
  const Links* Find(const std::string& value) const;

  std::unordered_map<std::string, Links> links_;
};

}  // namespace nacre
