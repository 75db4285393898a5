#include "cost/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cost/chain.h"
#include "forecast/priors.h"
#include "graph/builder.h"
#include "graph/shapes.h"

namespace nacre::cost_internal {
namespace {

// The shape, when it is that of a feature map: a value of few channels is taken for an image.
Shape FeatureMap(const Shape& shape) {
  if (shape.size() != 4 || shape[1] <= priors::kImageChannels) return {};
  const bool known = std::all_of(shape.begin(), shape.end(), [](int64_t d) { return d >= 1; });
  return known ? shape : Shape{};
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
  const std::string flat = b.Flatten(b.GlobalAveragePool(y));
  return std::move(b).Finish(flat, "y");
}

Network OverheadProbe() {
  NetworkBuilder b = Builder("overhead", {kDynamic, 3, 1, 1});
  const std::string y = b.Activation(b.Conv("x", {.out = 16, .kernel = 1}), "Relu");
  const std::string flat = b.Flatten(y);
  return std::move(b).Finish(flat, "y");
}

}  // namespace

Expected<Border> BorderOf(const Network& fragment) {
  if (fragment.inputs.size() != 1 || fragment.outputs.empty())
    return Fail(ErrorKind::kModel,
                fmt::format("fragment {} has {} inputs and {} outputs; it needs one of the first "
                            "and some of the second",
                            fragment.name, fragment.inputs.size(), fragment.outputs.size()));
  NACRE_TRY(const auto values, InferShapes(fragment, 1));
  const auto in = values.find(fragment.inputs[0].name);
  const auto out = values.find(fragment.outputs[0].name);
  Border border;
  if (in != values.end()) border.in = FeatureMap(in->second.shape);
  const bool ends = fragment.outputs.size() > 1;  // several outputs are the network's own
  if (out != values.end() && !ends) border.out = FeatureMap(out->second.shape);
  return border;
}

std::string BaseKey(const Shape& border) {
  return border.empty() ? "" : fmt::format("{}x{}x{}", border[1], border[2], border[3]);
}

bool IsIdentity(const Network& fragment) {
  return std::all_of(fragment.nodes.begin(), fragment.nodes.end(),
                     [](const Node& node) { return node.op == "Identity" && !node.opaque(); });
}

Network BaseProbe(const Shape& border) {
  return border.empty() ? OverheadProbe() : Chain({Front(border), Tail(border)});
}

Network FragmentProbe(const Network& fragment, const Border& border, int repeats) {
  std::vector<Network> parts(static_cast<size_t>(repeats), fragment);
  if (!border.in.empty()) parts.insert(parts.begin(), Front(border.in));
  if (!border.out.empty()) parts.push_back(Tail(border.out));
  return Chain(parts);
}

Network ReferenceProbe() {
  NetworkBuilder b = Builder("reference", {kDynamic, 3, 32, 32});
  std::string x = "x";
  for (const auto& [out, stride] : std::vector<std::pair<int64_t, int64_t>>{
           {16, 1}, {16, 1}, {32, 2}, {32, 1}, {64, 2}, {64, 1}})
    x = b.Activation(b.Conv(x, {.out = out, .stride = stride}), "Relu");
  const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
  return std::move(b).Finish(logits, "y");
}

}  // namespace nacre::cost_internal
