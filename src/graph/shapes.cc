#include "graph/shapes.h"

#include <algorithm>

#include "graph/propagate.h"

namespace nacre {
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

Expected<int64_t> MacsOf(const Node& node, const std::map<std::string, Value>& values) {
  const bool transposed = node.op == "ConvTranspose";
  const bool convolution = transposed || node.op == "Conv";
  if (node.opaque() || (!convolution && node.op != "Gemm" && node.op != "MatMul")) return 0;
  const auto a = values.find(node.inputs[0]), b = values.find(node.inputs[1]);
  const auto out = values.find(node.outputs[0]);
  if (a == values.end() || b == values.end() || out == values.end()) return 0;
  if (convolution) {
    NACRE_TRY(const int64_t positions,
              Count(node, transposed ? a->second.shape : out->second.shape));
    const Shape& weight = b->second.shape;
    NACRE_TRY(const int64_t each, Count(node, Shape(weight.begin() + 1, weight.end())));
    return positions * each;
  }
  NACRE_TRY(const int64_t results, Count(node, out->second.shape));
  const bool flip = node.op == "Gemm" && node.Int("transA", 0) != 0;
  NACRE_TRY(const int64_t depth,
            Count(node, {flip ? a->second.shape.front() : a->second.shape.back()}));
  return results * depth;
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

Expected<Cost> CostOf(const Network& network, int64_t batch) {
  NACRE_TRY(const auto values, InferShapes(network, batch));
  Cost cost;
  for (const Node& node : network.nodes) {
    NACRE_TRY(const int64_t macs, MacsOf(node, values));
    cost.macs += macs;
  }
  for (const auto& [name, tensor] : network.initializers) {
    if (tensor.type() == DataType::kFloat) cost.parameters += tensor.count();
  }
  return cost;
}

}  // namespace nacre
