// Shape inference and cost for understood operations.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "graph/network.h"

namespace nacre {

// Type and shape of every value (initializers included) when the leading (batch) dimension of every
// input is `batch`; keeps the graph's own batch when `batch` is kDynamic. Values behind an opaque
// node that nothing tells the shape of are left out, unless they are outputs of the network, which
// declares them. Error (kModel) names the node whose inputs do not fit its operation.
Expected<std::map<std::string, Value>> InferShapes(const Network& network, int64_t batch = 1);

// The same for a network that grows node by node: each node is looked at once, however often is
// asked. `network` must outlive it and keep its inputs.
class ShapeWalk {
 public:
  explicit ShapeWalk(const Network& network);
  ~ShapeWalk();
  ShapeWalk(const ShapeWalk&) = delete;
  ShapeWalk& operator=(const ShapeWalk&) = delete;

  // Nothing where nothing tells it, and everywhere once a node does not fit its inputs. Dimensions
  // that are not known are kDynamic.
  std::optional<Shape> ShapeOf(const std::string& value);

 private:
  class Walk;
  std::unique_ptr<Walk> walk_;
};

struct Cost {
  int64_t macs =
      0;  // multiply-accumulates of Conv, ConvTranspose, Gemm and MatMul at the given batch
  int64_t parameters = 0;  // elements of float initializers
  // Layers that `macs` leaves out, for nothing tells the shapes of their values: they lie behind an
  // opaque node. Opaque nodes themselves are not counted at all.
  int64_t unknown_nodes = 0;
};

Expected<Cost> CostOf(const Network& network, int64_t batch = 1);

}  // namespace nacre
