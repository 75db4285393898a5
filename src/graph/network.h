// Network: a directed acyclic graph of operations that mirrors ONNX (default domain), with named
// values.
//
// A plain value type: copying is cheap (weights are shared), and functions over it are free
// functions, one file an idea. Semantics of understood operations are those of ONNX opset 17; onnx/
// converts from and to other opsets. What is not understood is an opaque node (`frozen_reason` not
// empty), carried verbatim.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/expected.h"
#include "graph/tensor.h"

namespace nacre {

using Attribute = std::variant<int64_t, float, std::string, std::vector<int64_t>,
                               std::vector<float>, std::vector<std::string>, Tensor>;

struct Node {
  std::string name;
  std::string op;                   // ONNX operator type, e.g. "Conv"
  std::string domain;               // "" is the default domain
  std::vector<std::string> inputs;  // "" marks an optional input that is not given
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes;
  std::string frozen_reason;  // why the node is opaque; empty for understood nodes
  // Serialized NodeProto of an opaque node. Rewrites rename values, so `inputs` and `outputs` hold,
  // not its names.
  std::string verbatim;

  int64_t Int(const std::string& key, int64_t otherwise) const;
  float Float(const std::string& key, float otherwise) const;
  std::string String(const std::string& key, const std::string& otherwise) const;
  std::vector<int64_t> Ints(const std::string& key, std::vector<int64_t> otherwise = {}) const;
  std::vector<float> Floats(const std::string& key, std::vector<float> otherwise = {}) const;
  bool opaque() const { return !frozen_reason.empty(); }
};

struct Value {
  std::string name;
  DataType type = DataType::kFloat;
  Shape shape;
  // What the file calls the dynamic dimensions ("batch"), "" where it does not; of the length of
  // the shape, or empty. They are kept for people and for programs that read them.
  std::vector<std::string> symbols;
};

struct Network {
  std::string name;
  int opset = 17;             // of the file it came from; what opaque nodes are written against
  std::vector<Value> inputs;  // without initializers
  std::vector<Value> outputs;
  std::vector<Node> nodes;  // topological order
  std::map<std::string, Tensor> initializers;
  // For people: where engines read the file differently, and how it was read here.
  std::vector<std::string> readings;
  std::map<std::string, std::string> metadata;

  // Index into `nodes` of the producer of a value; nothing for inputs and initializers. Linear
  // time: whoever asks for many values makes an Adjacency (adjacency.h).
  std::optional<size_t> Producer(const std::string& value) const;
  // Indices of the nodes that read a value. Linear time, too.
  std::vector<size_t> Consumers(const std::string& value) const;
  const Tensor* Initializer(const std::string& value) const;
  bool IsOutput(const std::string& value) const;
  // `stem`, or `stem_2`, ...: a value name that nothing uses yet. Linear time: see fresh_names.h.
  std::string FreshName(const std::string& stem) const;
};

// Well-formed: every input has a producer earlier in the order, no value has two, names are unique,
// outputs exist.
Expected<void> Verify(const Network& network);

// The same network; weights that are deferred (tensor.h) are not made yet in it, and what reads it
// does not fill the memory of whoever keeps `network`.
Network Unmade(const Network& network);

// Drops nodes and initializers that no output depends on.
void RemoveDead(Network& network);

// Equal for networks that compute the same operations on the same shapes in the same order,
// whatever the names and weights. `with_weights` includes the weights' bytes.
std::string StructuralHash(const Network& network, bool with_weights = false);

}  // namespace nacre
