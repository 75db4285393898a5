// What is known of every value before run time.
// Private to graph/.
#pragma once

#include <map>
#include <string>

#include "graph/shape_rules.h"

namespace nacre::graph_internal {

struct Facts {
  std::map<std::string, Value> values;      // dimensions may carry names
  std::map<std::string, Content> contents;  // of node outputs; initializers are in the network
};

struct PropagateOptions {
  int64_t batch = kDynamic;        // of every input; kDynamic keeps the graph's own
  int64_t max_elements = 1 << 12;  // of a content that is computed
};

// How much a walk may compute with, so that a small file cannot ask for much: elements. It grows
// with the weights of the network, which a model of half floats, say, converts and turns.
struct Allowance {
  explicit Allowance(const Network& network);
  int64_t held = 0;    // that new contents may hold together
  int64_t looked = 0;  // that may be read and written together
};

// What is known of a value's numbers, whether it is an initializer or computed; nothing when
// nothing is.
std::optional<Content> KnownContent(const Network& network, const Facts& facts,
                                    const std::string& value);

// The walk that Propagate makes, node by node, for whoever changes nodes on the way.
class Propagation {
 public:
  // Knows the network's inputs and initializers. `network` must outlive it; initializers that are
  // added to it on the way are seen.
  Propagation(const Network& network, const PropagateOptions& options);
  // Makes an initializer known that was added to the network since, or changed. One that a node
  // reads is found without.
  void Add(const std::string& initializer);
  // Adds what is known of the node's outputs. Error: its inputs do not fit its operation; nothing
  // is added then.
  Expected<void> Visit(const Node& node);
  const Facts& facts() const { return facts_; }
  Facts Take() && { return std::move(facts_); }
  // Null when nothing is known.
  const Shape* ShapeOf(const std::string& value) const;

 private:
  void SeedInputs();
  void TrustDeclared(const Node& node);
  bool AddInput(NodeView& view, const std::string& input);
  // The most elements of an output that the node may still compute; negative: none.
  int64_t Allowed(const NodeView& view) const;
  void Spend(const NodeView& view, const std::vector<Content>& contents);
  Expected<void> Apply(const NodeView& view, const RuleEntry& entry);

  const Network& network_;
  const PropagateOptions options_;
  Facts facts_;
  Allowance left_;
};

// Walks the network in order. Values that nothing tells the shape of are left out. Error as in
// InferShapes.
Expected<Facts> Propagate(const Network& network, const PropagateOptions& options);

}  // namespace nacre::graph_internal
