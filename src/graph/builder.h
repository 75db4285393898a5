// NetworkBuilder: write a network by hand, one call an operation. Every call appends a node and
// returns its output value.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "graph/network.h"

namespace nacre {

struct ConvSpec {
  int64_t out = 0;     // output channels
  int64_t kernel = 3;  // square
  int64_t stride = 1;
  int64_t groups = 1;
  int64_t padding = -1;  // each side; -1: (kernel - 1) / 2
  bool bias = true;      // zero when fresh
};

// Weights are made when they are first read (Tensor::Deferred). Fresh convolutions are He-normal
// (fan-out) from `random`, fresh Linear layers normal with variance 1 / inputs; fresh batch-norm is
// the identity. Values, nodes and initializers are called
// "<network name>/<role>_<number>", so networks of different names can be joined. Calls that do not
// fit (shapes, groups, unknown values) throw std::logic_error.
class NetworkBuilder {
 public:
  // One float input `input_name` of shape [batch?, C, H, W] (or any other).
  NetworkBuilder(std::string name, std::string input_name, Shape input_shape, Random random);

  std::string Conv(const std::string& x, const ConvSpec& spec);
  std::string Conv(const std::string& x, const ConvSpec& spec, Tensor weight, Tensor bias);
  std::string BatchNorm(const std::string& x);
  // "Relu", "HardSwish", "Sigmoid", "LeakyRelu", "Silu" (Sigmoid + Mul), "" (nothing: returns x).
  std::string Activation(const std::string& x, const std::string& kind);
  std::string Add(const std::string& a, const std::string& b);
  std::string MaxPool(const std::string& x, int64_t kernel, int64_t stride, int64_t padding = 0);
  std::string AveragePool(const std::string& x, int64_t kernel, int64_t stride);
  std::string GlobalAveragePool(const std::string& x);
  std::string Flatten(const std::string& x);
  std::string Linear(const std::string& x, int64_t out);
  // Channels of a value as built so far.
  int64_t Channels(const std::string& x) const;

  // Conv (without bias) + BatchNorm + Activation.
  std::string ConvBn(const std::string& x, ConvSpec spec, const std::string& activation = "Relu");

  // Ends with one output, renamed to `output_name`.
  Network Finish(const std::string& x, const std::string& output_name) &&;

 private:
  const Shape& ShapeOf(const std::string& x) const;
  // Appends a node with one output of shape `shape`.
  std::string Append(const std::string& op, std::vector<std::string> inputs, Shape shape,
                     std::map<std::string, Attribute> attributes = {});
  // Adds an initializer of the node that is appended next.
  std::string Parameter(const std::string& role, Tensor value);
  std::string Pool(const std::string& op, const std::string& x, int64_t kernel, int64_t stride,
                   int64_t padding);
  Tensor Normal(Shape shape, double deviation);

  Network network_;
  std::map<std::string, Shape> shapes_;
  Random random_;
  int counter_ = 0;
  int draws_ = 0;  // each weight has a random stream of its own
};

}  // namespace nacre
