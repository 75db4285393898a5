#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "graph/adjacency.h"
#include "graph/core_parts.h"
#include "graph/fresh_names.h"
#include "graph/operations.h"

namespace nacre::graph_internal {
namespace {

using Order = std::vector<int64_t>;

Order OrderOf(const Node& node) { return node.Ints("perm"); }

bool IsTranspose(const Node& node) {
  return !node.opaque() && node.op == "Transpose" && !OrderOf(node).empty();
}

Order Inverse(const Order& order) {
  Order inverse(order.size());
  for (size_t i = 0; i < order.size(); ++i) inverse[static_cast<size_t>(order[i])] = i;
  return inverse;
}

bool IsIdentity(const Order& order) {
  Order same(order.size());
  std::iota(same.begin(), same.end(), 0);
  return order == same;
}

bool IsElementwise(const Node& node) {
  static const std::set<std::string> kMore = {"Add", "Sub", "Mul", "Div",
                                              "Max", "Min", "Pow", "PRelu"};
  if (node.opaque() || node.outputs.size() != 1) return false;
  if (kMore.contains(node.op)) return true;
  const OperationTraits& traits = TraitsOf(node.op);
  const bool layout = node.op == "MaxPool" || node.op == "AveragePool" ||
                      node.op == "GlobalAveragePool" || node.op == "GlobalMaxPool";
  return traits.channels == ChannelCoupling::kPasses && !layout && node.op != "Dropout";
}

class Mover {
 public:
  explicit Mover(Network& network) : network_(network), fresh_(network) {}

  void Run() {
    // Each move brings one Transpose one node nearer to the outputs.
    const size_t most = 4 * network_.nodes.size() * network_.nodes.size() + 16;
    for (size_t i = 0; i < most && MoveOne(); ++i) RemoveDead(network_);
  }

 private:
  // The Transpose that makes a value; nothing for anything else.
  const Node* Turner(const std::string& value) const {
    const auto producer = network_.Producer(value);
    if (!producer || !IsTranspose(network_.nodes[*producer])) return nullptr;
    return &network_.nodes[*producer];
  }

  bool MoveOne() {
    for (size_t i = 0; i < network_.nodes.size(); ++i) {
      if (Cancel(i) || PushThrough(i)) return true;
    }
    return false;
  }

  // Two Transposes in a row become one, or none.
  bool Cancel(size_t at) {
    Node& node = network_.nodes[at];
    if (!IsTranspose(node)) return false;
    const Node* before = Turner(node.inputs[0]);
    if (before == nullptr) return false;
    Order joined;
    for (const int64_t axis : OrderOf(node)) {
      joined.push_back(OrderOf(*before)[static_cast<size_t>(axis)]);
    }
    node.inputs[0] = before->inputs[0];
    if (!IsIdentity(joined)) {
      node.attributes["perm"] = joined;
      return true;
    }
    node.op = "Identity";
    node.attributes.clear();
    Bypass(at);
    return true;
  }

  // Readers of an Identity read what it reads, so that Transposes on both sides of it meet.
  void Bypass(size_t at) {
    const std::string from = network_.nodes[at].outputs[0], to = network_.nodes[at].inputs[0];
    if (network_.IsOutput(from)) return;
    for (Node& node : network_.nodes)
      std::replace(node.inputs.begin(), node.inputs.end(), from, to);
  }

  // The order in which all inputs that are not constants are turned.
  std::optional<Order> CommonOrder(const Node& node) const {
    std::optional<Order> common;
    for (const std::string& value : node.inputs) {
      if (value.empty() || network_.Initializer(value) != nullptr) continue;
      const Node* turner = Turner(value);
      if (turner == nullptr || (common && OrderOf(*turner) != *common)) return std::nullopt;
      common = OrderOf(*turner);
    }
    return common;
  }

  // f(Transpose(x)) becomes Transpose(f(x)) where f computes each element alone.
  bool PushThrough(size_t at) {
    if (!IsElementwise(network_.nodes[at])) return false;
    const std::optional<Order> order = CommonOrder(network_.nodes[at]);
    if (!order) return false;
    Node node = network_.nodes[at];
    for (std::string& value : node.inputs) {
      if (value.empty()) continue;
      const Tensor* constant = network_.Initializer(value);
      value = constant != nullptr ? Turned(value, *constant, *order) : Turner(value)->inputs[0];
    }
    const std::string output = node.outputs[0];
    node.outputs[0] = fresh_.Make(output + "_turned");
    network_.nodes[at] = {.name = node.name + "_transpose",
                          .op = "Transpose",
                          .inputs = {node.outputs[0]},
                          .outputs = {output},
                          .attributes = {{"perm", *order}}};
    network_.nodes.insert(network_.nodes.begin() + static_cast<std::ptrdiff_t>(at), node);
    return true;
  }

  // A constant as it broadcasts against what is not yet turned.
  std::string Turned(const std::string& name, const Tensor& constant, const Order& order) {
    if (constant.count() == 1 && constant.shape().size() <= 1) return name;
    Shape shape = constant.shape();
    shape.insert(shape.begin(), order.size() - std::min(order.size(), shape.size()), 1);
    const Order inverse = Inverse(order);
    Shape turned;
    for (const int64_t axis : inverse) turned.push_back(shape[static_cast<size_t>(axis)]);
    const std::string made = fresh_.Make(name + "_turned");
    network_.initializers[made] = Permuted(constant.Reshaped(shape), inverse, turned);
    return made;
  }

  static Tensor Permuted(const Tensor& tensor, const Order& order, const Shape& shape) {
    const auto rank = order.size();
    std::vector<int64_t> strides(rank, 1);
    for (size_t i = rank - 1; i > 0; --i) strides[i - 1] = strides[i] * tensor.shape()[i];
    const std::vector<float> from = tensor.ToFloats();
    std::vector<float> values(from.size());
    for (size_t flat = 0; flat < values.size(); ++flat) {
      size_t left = flat;
      int64_t source = 0;
      for (size_t i = rank; i-- > 0;) {
        const auto size = static_cast<size_t>(shape[i]);
        source += static_cast<int64_t>(left % size) * strides[static_cast<size_t>(order[i])];
        left /= size;
      }
      values[flat] = from[static_cast<size_t>(source)];
    }
    return Tensor::Floats(shape, values);
  }

  Network& network_;
  FreshNames fresh_;
};

}  // namespace

void MoveTransposes(Network& network) {
  const bool any = std::any_of(network.nodes.begin(), network.nodes.end(), IsTranspose);
  if (any) Mover(network).Run();
}

}  // namespace nacre::graph_internal
