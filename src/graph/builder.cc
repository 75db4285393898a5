#include "graph/builder.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace nacre {
namespace {

int64_t Window(int64_t size, int64_t kernel, int64_t stride, int64_t padding) {
  if (size == kDynamic) return kDynamic;
  if (size + 2 * padding < kernel) throw std::logic_error("a window larger than its input");
  return (size + 2 * padding - kernel) / stride + 1;
}

std::map<std::string, Attribute> WindowAttributes(int64_t kernel, int64_t stride, int64_t padding) {
  using Ints = std::vector<int64_t>;
  return {
      {"kernel_shape", Ints(2, kernel)}, {"strides", Ints(2, stride)}, {"pads", Ints(4, padding)}};
}

}  // namespace

NetworkBuilder::NetworkBuilder(std::string name, std::string input_name, Shape input_shape,
                               Random random)
    : random_(random) {
  network_.name = std::move(name);
  network_.inputs.push_back({input_name, DataType::kFloat, input_shape});
  shapes_[input_name] = std::move(input_shape);
}

const Shape& NetworkBuilder::ShapeOf(const std::string& x) const {
  const auto found = shapes_.find(x);
  if (found == shapes_.end()) throw std::logic_error("no value '" + x + "' in this builder");
  return found->second;
}

int64_t NetworkBuilder::Channels(const std::string& x) const {
  const Shape& shape = ShapeOf(x);
  if (shape.size() < 2) throw std::logic_error("'" + x + "' has no channel axis");
  return shape[1];
}

std::string NetworkBuilder::Append(const std::string& op, std::vector<std::string> inputs,
                                   Shape shape, std::map<std::string, Attribute> attributes) {
  Node node;
  node.name = network_.name + "/" + op + "_" + std::to_string(++counter_);
  node.op = op;
  node.inputs = std::move(inputs);
  node.outputs = {node.name + "_out"};
  node.attributes = std::move(attributes);
  network_.nodes.push_back(node);
  shapes_[node.outputs[0]] = std::move(shape);
  return node.outputs[0];
}

std::string NetworkBuilder::Parameter(const std::string& role, Tensor value) {
  std::string name = network_.name + "/" + role + "_" + std::to_string(counter_ + 1);
  network_.initializers[name] = std::move(value);
  return name;
}

Tensor NetworkBuilder::Normal(Shape shape, double deviation) {
  const int64_t count = ElementCount(shape);
  return Tensor::Deferred(std::move(shape),
                          [random = random_.Fork(std::to_string(++draws_)), count, deviation] {
                            Random own = random;
                            std::vector<float> values(static_cast<size_t>(count));
                            for (float& value : values) {
                              value = static_cast<float>(own.Normal() * deviation);
                            }
                            return values;
                          });
}

std::string NetworkBuilder::Conv(const std::string& x, const ConvSpec& spec) {
  const int64_t in = Channels(x);
  if (spec.out < 1 || spec.groups < 1 || in % spec.groups != 0 || spec.out % spec.groups != 0) {
    throw std::logic_error("groups must divide the channels of a convolution");
  }
  const double fan_out = static_cast<double>(spec.out * spec.kernel * spec.kernel) / spec.groups;
  Tensor weight =
      Normal({spec.out, in / spec.groups, spec.kernel, spec.kernel}, std::sqrt(2.0 / fan_out));
  Tensor bias;
  if (spec.bias) bias = Tensor::Floats({spec.out}, std::vector<float>(spec.out, 0.0f));
  return Conv(x, spec, std::move(weight), std::move(bias));
}

std::string NetworkBuilder::Conv(const std::string& x, const ConvSpec& spec, Tensor weight,
                                 Tensor bias) {
  const int64_t padding = spec.padding < 0 ? (spec.kernel - 1) / 2 : spec.padding;
  const Shape& in = ShapeOf(x);
  if (in.size() != 4) throw std::logic_error("Conv wants [N,C,H,W], not " + ToString(in));
  const Shape expected = {spec.out, in[1] / spec.groups, spec.kernel, spec.kernel};
  if (weight.shape() != expected) {
    throw std::logic_error("Conv weight is " + ToString(weight.shape()) + ", wanted " +
                           ToString(expected));
  }
  std::vector<std::string> inputs = {x, Parameter("weight", std::move(weight))};
  if (bias.count() > 0) inputs.push_back(Parameter("bias", std::move(bias)));
  auto attributes = WindowAttributes(spec.kernel, spec.stride, padding);
  attributes["group"] = spec.groups;
  attributes["dilations"] = std::vector<int64_t>{1, 1};
  return Append("Conv", std::move(inputs),
                {in[0], spec.out, Window(in[2], spec.kernel, spec.stride, padding),
                 Window(in[3], spec.kernel, spec.stride, padding)},
                std::move(attributes));
}

std::string NetworkBuilder::BatchNorm(const std::string& x) {
  const int64_t width = Channels(x);
  const Tensor zeros = Tensor::Floats({width}, std::vector<float>(width, 0.0f));
  const Tensor ones = Tensor::Floats({width}, std::vector<float>(width, 1.0f));
  return Append("BatchNormalization",
                {x, Parameter("scale", ones), Parameter("shift", zeros), Parameter("mean", zeros),
                 Parameter("variance", ones)},
                ShapeOf(x), {{"epsilon", 1e-5f}, {"momentum", 0.9f}});
}

std::string NetworkBuilder::Activation(const std::string& x, const std::string& kind) {
  if (kind.empty()) return x;
  const Shape shape = ShapeOf(x);
  if (kind == "Silu") return Append("Mul", {x, Append("Sigmoid", {x}, shape)}, shape);
  if (kind == "LeakyRelu") return Append(kind, {x}, shape, {{"alpha", 0.01f}});
  if (kind != "Relu" && kind != "HardSwish" && kind != "Sigmoid") {
    throw std::logic_error("no activation '" + kind + "'");
  }
  return Append(kind, {x}, shape);
}

std::string NetworkBuilder::Add(const std::string& a, const std::string& b) {
  if (ShapeOf(a) != ShapeOf(b)) {
    throw std::logic_error("cannot add " + ToString(ShapeOf(a)) + " and " + ToString(ShapeOf(b)));
  }
  return Append("Add", {a, b}, ShapeOf(a));
}

std::string NetworkBuilder::Pool(const std::string& op, const std::string& x, int64_t kernel,
                                 int64_t stride, int64_t padding) {
  Shape shape = ShapeOf(x);
  for (size_t i = 2; i < shape.size(); ++i) shape[i] = Window(shape[i], kernel, stride, padding);
  return Append(op, {x}, std::move(shape), WindowAttributes(kernel, stride, padding));
}

std::string NetworkBuilder::MaxPool(const std::string& x, int64_t kernel, int64_t stride,
                                    int64_t padding) {
  return Pool("MaxPool", x, kernel, stride, padding);
}

std::string NetworkBuilder::AveragePool(const std::string& x, int64_t kernel, int64_t stride) {
  return Pool("AveragePool", x, kernel, stride, 0);
}

std::string NetworkBuilder::GlobalAveragePool(const std::string& x) {
  Shape shape = ShapeOf(x);
  for (size_t i = 2; i < shape.size(); ++i) shape[i] = 1;
  return Append("GlobalAveragePool", {x}, std::move(shape));
}

std::string NetworkBuilder::Flatten(const std::string& x) {
  const Shape& in = ShapeOf(x);
  const int64_t features = ElementCount(Shape(in.begin() + 1, in.end()));
  return Append("Flatten", {x}, {in[0], features}, {{"axis", int64_t{1}}});
}

std::string NetworkBuilder::Linear(const std::string& x, int64_t out) {
  if (ShapeOf(x).size() != 2) throw std::logic_error("Linear wants [N,features]: Flatten first");
  const int64_t in = Channels(x), batch = ShapeOf(x)[0];
  const std::string weight =
      Parameter("weight", Normal({out, in}, std::sqrt(1.0 / static_cast<double>(in))));
  const std::string bias = Parameter("bias", Tensor::Floats({out}, std::vector<float>(out, 0.0f)));
  return Append("Gemm", {x, weight, bias}, {batch, out}, {{"transB", int64_t{1}}});
}

std::string NetworkBuilder::ConvBn(const std::string& x, ConvSpec spec,
                                   const std::string& activation) {
  spec.bias = false;
  return Activation(BatchNorm(Conv(x, spec)), activation);
}

Network NetworkBuilder::Finish(const std::string& x, const std::string& output_name) && {
  const Shape shape = ShapeOf(x);
  std::string end = x;
  if (network_.nodes.empty() || x == network_.inputs[0].name) end = Append("Identity", {x}, shape);
  for (Node& node : network_.nodes) {
    for (std::string& input : node.inputs) {
      if (input == end) input = output_name;
    }
    for (std::string& output : node.outputs) {
      if (output == end) output = output_name;
    }
  }
  network_.outputs = {{output_name, DataType::kFloat, shape}};
  RemoveDead(network_);
  if (auto verdict = Verify(network_); !verdict) throw std::logic_error(verdict.error().message);
  return std::move(network_);
}

}  // namespace nacre
