#include "cost/probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/builder.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

constexpr int64_t kImageChannels = 4;  // up to that many, a value is taken for an image

Shape FeatureMap(const Shape& shape) {
  const bool known = std::none_of(shape.begin(), shape.end(), [](int64_t d) { return d < 1; });
  return shape.size() == 4 && known && shape[1] > kImageChannels ? shape : Shape{};
}

NetworkBuilder Builder(const std::string& name, Shape input) {
  return NetworkBuilder(name, "x", std::move(input), Random(7).Fork(name));
}

Network Front(const Shape& shape) {
  NetworkBuilder b = Builder("front", {kDynamic, 3, shape[2], shape[3]});
  const std::string y = b.Activation(b.Conv("x", {.out = shape[1], .kernel = 1}), "Relu");
  return std::move(b).Finish(y, "y");
}

Network Tail(const Shape& shape) {
  NetworkBuilder b = Builder("tail", {kDynamic, shape[1], shape[2], shape[3]});
  const std::string y = b.Activation(b.Conv("x", {.out = 16, .kernel = 1}), "Relu");
  return std::move(b).Finish(b.Flatten(b.GlobalAveragePool(y)), "y");
}

}  // namespace

Expected<Border> BorderOf(const Network& fragment) {
  if (fragment.inputs.size() != 1 || fragment.outputs.size() != 1)
    return Fail(ErrorKind::kModel,
                fmt::format("fragment {} has {} inputs and {} outputs; one of each is needed",
                            fragment.name, fragment.inputs.size(), fragment.outputs.size()));
  NACRE_TRY(const auto values, InferShapes(fragment, 1));
  const auto out = values.find(fragment.outputs[0].name), in = values.find(fragment.inputs[0].name);
  Border border;
  if (in != values.end()) border.in = FeatureMap(in->second.shape);
  if (out != values.end()) border.out = FeatureMap(out->second.shape);
  return border;
}

std::string BaseKey(const Shape& border) {
  return border.empty() ? "" : fmt::format("{}x{}x{}", border[1], border[2], border[3]);
}

bool IsIdentity(const Network& fragment) {
  return std::all_of(fragment.nodes.begin(), fragment.nodes.end(),
                     [](const Node& node) { return node.op == "Identity" && !node.opaque(); });
}

Network Chain(const std::vector<Network>& parts) {
  Network chain;
  chain.name = "chain";
  std::string last;  // output of the parts so far
  for (size_t i = 0; i < parts.size(); ++i) {
    const Network& part = parts[i];
    const auto renamed = [&](const std::string& name) {
      if (name.empty()) return name;
      return i > 0 && name == part.inputs[0].name ? last : fmt::format("p{}.{}", i, name);
    };
    chain.opset = std::max(chain.opset, part.opset);
    if (i == 0) {
      chain.inputs = part.inputs;
      for (Value& input : chain.inputs) input.name = renamed(input.name);
    }
    for (const auto& [name, tensor] : part.initializers) chain.initializers[renamed(name)] = tensor;
    for (Node node : part.nodes) {
      node.name = fmt::format("p{}.{}", i, node.name);
      for (auto* names : {&node.inputs, &node.outputs})
        for (std::string& name : *names) name = renamed(name);
      chain.nodes.push_back(std::move(node));
    }
    last = renamed(part.outputs[0].name);
    chain.outputs = part.outputs;
  }
  chain.outputs[0].name = last;
  return chain;
}

Network BaseProbe(const Shape& border) { return Chain({Front(border), Tail(border)}); }

Network FragmentProbe(const Network& fragment, const Border& border, int repeats) {
  std::vector<Network> parts(static_cast<size_t>(repeats), fragment);
  if (!border.in.empty()) parts.insert(parts.begin(), Front(border.in));
  if (!border.out.empty()) parts.push_back(Tail(border.out));
  return Chain(parts);
}

Network OverheadProbe() {
  NetworkBuilder b = Builder("overhead", {kDynamic, 3, 1, 1});
  const std::string y = b.Activation(b.Conv("x", {.out = 16, .kernel = 1}), "Relu");
  return std::move(b).Finish(b.Flatten(y), "y");
}

Network ReferenceProbe() {
  NetworkBuilder b = Builder("reference", {kDynamic, 3, 32, 32});
  std::string x = "x";
  for (const auto& [out, stride] : std::vector<std::pair<int64_t, int64_t>>{
           {16, 1}, {16, 1}, {32, 2}, {32, 1}, {64, 2}, {64, 1}})
    x = b.Activation(b.Conv(x, {.out = out, .stride = stride}), "Relu");
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10), "y");
}

}  // namespace nacre
