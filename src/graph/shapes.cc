#include "graph/shapes.h"

#include <algorithm>
#include <optional>

#include "graph/operations.h"
#include "graph/propagate.h"

namespace nacre {

using namespace graph_internal;

namespace {

// Elements, or an error that names the node.
Expected<int64_t> Count(const Node& node, const Shape& shape) {
  const int64_t count = Product(shape);
  if (count < 0) {
    return Fail(ErrorKind::kModel, "cost of " + node.op + " node '" + node.name +
                                       "' is not defined at shape " + ToString(shape) +
                                       "; give the batch and fix the input's dimensions");
  }
  return count;
}

const Shape* ShapeOf(const std::map<std::string, Value>& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? nullptr : &found->second.shape;
}

// Each element of `positions` is multiplied by the weights of one output (or, transposed, input)
// channel.
Expected<int64_t> ConvolutionMacs(const Node& node, const Shape& positions, const Shape& weight) {
  NACRE_TRY(const int64_t count, Count(node, positions));
  NACRE_TRY(const int64_t each, Count(node, Shape(weight.begin() + 1, weight.end())));
  return count * each;
}

Expected<int64_t> LinearMacs(const Node& node, const Shape& left, const Shape& out) {
  NACRE_TRY(const int64_t results, Count(node, out));
  const bool turned = node.op == "Gemm" && node.Int("transA", 0) != 0;
  NACRE_TRY(const int64_t depth, Count(node, {turned ? left.front() : left.back()}));
  return results * depth;
}

bool Multiplies(const Node& node) {
  const OperationKind kind = TraitsOf(node.op).kind;
  const bool layer = kind != OperationKind::kOther && kind != OperationKind::kPooling;
  return !node.opaque() && (layer || node.op == "Einsum");
}

// Nothing where a shape is not known.
Expected<std::optional<int64_t>> MacsOf(const Node& node,
                                        const std::map<std::string, Value>& values) {
  if (node.op == "Einsum") return std::nullopt;
  const OperationKind kind = TraitsOf(node.op).kind;
  const Shape* left = ShapeOf(values, node.inputs[0]);
  const Shape* right = ShapeOf(values, node.inputs[1]);
  const Shape* out = ShapeOf(values, node.outputs[0]);
  if (left == nullptr || right == nullptr || out == nullptr) return std::nullopt;
  if (kind == OperationKind::kConvolution) return ConvolutionMacs(node, *out, *right);
  if (kind == OperationKind::kTransposedConvolution) return ConvolutionMacs(node, *left, *right);
  return LinearMacs(node, *left, *out);
}

}  // namespace

Expected<std::map<std::string, Value>> InferShapes(const Network& network, int64_t batch) {
  PropagateOptions options;
  options.batch = batch;
  NACRE_TRY(Facts facts, Propagate(network, options));
  for (auto& [name, value] : facts.values) {
    for (int64_t& size : value.shape) size = std::max(size, kDynamic);
  }
  return std::move(facts.values);
}

class ShapeWalk::Walk {
 public:
  explicit Walk(const Network& network) : network_(network), propagation_(network, {}) {}

  std::optional<Shape> ShapeOf(const std::string& value) {
    for (; fits_ && seen_ < network_.nodes.size(); ++seen_) {
      fits_ = static_cast<bool>(propagation_.Visit(network_.nodes[seen_]));
    }
    const Shape* known = fits_ ? propagation_.ShapeOf(value) : nullptr;
    if (known == nullptr) return std::nullopt;
    Shape shape = *known;
    for (int64_t& size : shape) size = std::max(size, kDynamic);
    return shape;
  }

 private:
  const Network& network_;
  Propagation propagation_;
  size_t seen_ = 0;
  bool fits_ = true;
};

ShapeWalk::ShapeWalk(const Network& network) : walk_(std::make_unique<Walk>(network)) {}
ShapeWalk::~ShapeWalk() = default;
std::optional<Shape> ShapeWalk::ShapeOf(const std::string& value) { return walk_->ShapeOf(value); }

Expected<Cost> CostOf(const Network& network, int64_t batch) {
  NACRE_TRY(const auto values, InferShapes(network, batch));
  Cost cost;
  for (const Node& node : network.nodes) {
    if (!Multiplies(node)) continue;
    NACRE_TRY(const auto macs, MacsOf(node, values));
    cost.macs += macs.value_or(0);
    if (!macs) ++cost.unknown_nodes;
  }
  for (const auto& [name, tensor] : network.initializers) {
    if (tensor.type() == DataType::kFloat) cost.parameters += tensor.count();
  }
  return cost;
}

}  // namespace nacre
