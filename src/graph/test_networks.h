// Networks that several unit tests share, and a builder for operations that NetworkBuilder has no
// call for.
// Private to graph/, for its tests only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graph/network.h"

namespace nacre::graph_internal {

// Appends nodes one by one; the weight of channel o, input i is 1000 o + i, so that tests see where
// each one went.
class Sketch {
 public:
  explicit Sketch(Shape input) { network_.inputs = {{"x", DataType::kFloat, std::move(input)}}; }

  std::string Node(const std::string& op, std::vector<std::string> inputs,
                   std::map<std::string, Attribute> attributes = {}) {
    nacre::Node node;
    node.name = op + std::to_string(network_.nodes.size());
    node.op = op;
    node.inputs = std::move(inputs);
    node.outputs = {node.name + "_out"};
    node.attributes = std::move(attributes);
    network_.nodes.push_back(node);
    return node.outputs[0];
  }
  std::string Constant(Tensor tensor) {
    const std::string name = "c" + std::to_string(network_.initializers.size());
    network_.initializers[name] = std::move(tensor);
    return name;
  }
  std::string Ints(const std::vector<int64_t>& values) {
    return Constant(Tensor::Ints({static_cast<int64_t>(values.size())}, values));
  }
  std::string Weight(int64_t out, int64_t in, int64_t kernel = 1) {
    std::vector<float> values;
    for (int64_t o = 0; o < out; ++o) {
      for (int64_t i = 0; i < in; ++i) values.insert(values.end(), kernel * kernel, 1000.f * o + i);
    }
    return Constant(Tensor::Floats({out, in, kernel, kernel}, values));
  }
  std::string Vector(int64_t size) {
    std::vector<float> values(size);
    for (int64_t i = 0; i < size; ++i) values[i] = static_cast<float>(i);
    return Constant(Tensor::Floats({size}, values));
  }
  std::string Conv(const std::string& x, int64_t in, int64_t out, int64_t kernel = 3,
                   int64_t stride = 1, int64_t groups = 1) {
    using Many = std::vector<int64_t>;
    return Node("Conv", {x, Weight(out, in / groups, kernel), Vector(out)},
                {{"kernel_shape", Many(2, kernel)},
                 {"strides", Many(2, stride)},
                 {"pads", Many(4, kernel / 2)},
                 {"group", groups}});
  }
  std::string Linear(const std::string& x, int64_t in, int64_t out) {
    const std::string weight =
        Constant(network_.initializers.at(Weight(out, in)).Reshaped({out, in}));
    return Node("Gemm", {x, weight, Vector(out)}, {{"transB", int64_t{1}}});
  }
  std::string Relu(const std::string& x) { return Node("Relu", {x}); }
  // The shortcut of PyTorch's CIFAR ResNets: every second pixel, `border` zero channels on either
  // side.
  std::string PadShortcut(std::string x, int64_t border) {
    for (int64_t axis : {2, 3}) {
      x = Node("Slice", {x, Ints({0}), Ints({INT64_MAX}), Ints({axis}), Ints({2})});
    }
    return Node("Pad", {x, Ints({0, border, 0, 0, 0, border, 0, 0}), Constant(Tensor::Scalar(0))},
                {{"mode", std::string("constant")}});
  }
  std::string Head(std::string x, int64_t channels, int64_t classes) {
    x = Node("Flatten", {Node("GlobalAveragePool", {x})}, {{"axis", int64_t{1}}});
    return Linear(x, channels, classes);
  }
  Network Finish(const std::string& y, Shape shape = {kDynamic, 10}) && {
    network_.outputs = {{y, DataType::kFloat, std::move(shape)}};
    RemoveDead(network_);
    return std::move(network_);
  }

 private:
  Network network_;
};

// CIFAR ResNet with `depth` blocks in each of three stages of 16, 32 and 64 channels.
inline Network CifarResNet(int depth) {
  Sketch net({kDynamic, 3, 32, 32});
  std::string x = net.Relu(net.Conv("x", 3, 16));
  for (int64_t width = 16, in = 16; width <= 64; width *= 2) {
    for (int block = 0; block < depth; ++block) {
      const bool narrows = in != width;
      const std::string first = net.Relu(net.Conv(x, in, width, 3, narrows ? 2 : 1));
      const std::string second = net.Conv(first, width, width);
      x = net.Relu(net.Node("Add", {second, narrows ? net.PadShortcut(x, in / 2) : x}));
      in = width;
    }
  }
  const std::string y = net.Head(x, 64, 10);
  return std::move(net).Finish(y);
}

}  // namespace nacre::graph_internal
