#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "graph/network.h"
#include "graph/operations.h"

namespace nacre {
namespace {

std::string_view View(const Tensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.bytes().data()), tensor.bytes().size()};
}

void AddShape(Hasher& hasher, const Shape& shape) {
  hasher.Add(static_cast<int64_t>(shape.size()));
  for (int64_t dimension : shape) hasher.Add(dimension);
}

void AddTensor(Hasher& hasher, const Tensor& tensor, bool with_bytes) {
  hasher.Add(static_cast<int64_t>(tensor.type()));
  AddShape(hasher, tensor.shape());
  hasher.Add(with_bytes ? View(tensor) : std::string_view());
}

struct AttributeHash {
  Hasher& hasher;
  void operator()(int64_t value) const { hasher.Add("i").Add(value); }
  void operator()(float value) const { hasher.Add("f").Add(static_cast<double>(value)); }
  void operator()(const std::string& value) const { hasher.Add("s").Add(value); }
  void operator()(const Tensor& value) const {
    hasher.Add("t");
    AddTensor(hasher, value, true);
  }
  template <typename T>
  void operator()(const std::vector<T>& values) const {
    hasher.Add("list").Add(static_cast<int64_t>(values.size()));
    for (const T& value : values) (*this)(value);
  }
};

// Numbers that say what an operation does, unlike weights, which were learnt.
bool IsStructure(const Node& node, const Tensor& tensor) {
  if (tensor.type() == DataType::kInt64 || tensor.type() == DataType::kBool) return true;
  return TraitsOf(node.op).configured_by_inputs;
}

class StructureReader {
 public:
  StructureReader(const Network& network, bool with_weights)
      : network_(network), with_weights_(with_weights) {}

  std::string Digest() {
    hasher_.Add(static_cast<int64_t>(network_.inputs.size()));
    for (const Value& input : network_.inputs) {
      hasher_.Add(static_cast<int64_t>(input.type));
      AddShape(hasher_, input.shape);
      Number(input.name);
    }
    for (const Node& node : network_.nodes) AddNode(node);
    hasher_.Add("outputs");
    for (const Value& output : network_.outputs) hasher_.Add(Number(output.name));
    return hasher_.Digest();
  }

 private:
  int64_t Number(const std::string& value) {
    if (value.empty()) return -1;
    return numbers_.try_emplace(value, static_cast<int64_t>(numbers_.size())).first->second;
  }

  void AddNode(const Node& node) {
    hasher_.Add("node").Add(node.op).Add(node.domain).Add(node.verbatim);
    for (const auto& [key, attribute] : node.attributes) {
      hasher_.Add(key);
      std::visit(AttributeHash{hasher_}, attribute);
    }
    hasher_.Add("inputs");
    for (const std::string& input : node.inputs) {
      hasher_.Add(Number(input));
      if (const Tensor* tensor = network_.Initializer(input)) {
        AddTensor(hasher_, *tensor, with_weights_ || IsStructure(node, *tensor));
      }
    }
    hasher_.Add("outputs");
    for (const std::string& output : node.outputs) hasher_.Add(Number(output));
  }

  const Network& network_;
  bool with_weights_;
  Hasher hasher_;
  std::unordered_map<std::string, int64_t> numbers_;
};

}  // namespace

std::string StructuralHash(const Network& network, bool with_weights) {
  return StructureReader(network, with_weights).Digest();
}

}  // namespace nacre
