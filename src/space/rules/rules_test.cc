// Every rule of the list, on networks written by hand.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "graph/builder.h"
#include "graph/shapes.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

struct BlockSpec {
  int64_t mid = 0, kernel = 3, groups = 1;
  bool pointwise = true;  // convolutions around it; else a basic block
  bool gated = false;
};

std::string Residual(NetworkBuilder& b, const std::string& x, const BlockSpec& spec) {
  const int64_t out = b.Channels(x);
  const ConvSpec spatial{.out = spec.mid, .kernel = spec.kernel, .groups = spec.groups};
  const auto y = spec.pointwise ? b.ConvBn(x, {.out = spec.mid, .kernel = 1}, "HardSwish") : x;
  auto z = b.ConvBn(y, spatial);
  if (spec.gated) z = b.Activation(z, "HardSwish");
  const int64_t last = spec.pointwise ? 1 : 3;
  return b.Activation(b.Add(b.ConvBn(z, {.out = out, .kernel = last}, ""), x), "Relu");
}

// Makes the activation in the middle of each gated block a gate: z times the sigmoid of its mean.
void InsertGates(Network& network) {
  for (size_t i = 1; i < network.nodes.size(); ++i) {
    Node& node = network.nodes[i];
    if (node.op != "HardSwish" || network.nodes[i - 1].op != "Relu") continue;
    const std::string z = node.inputs[0], at = std::to_string(i);
    node.op = "Mul";
    node.inputs = {z, "share" + at};
    network.nodes.insert(network.nodes.begin() + static_cast<std::ptrdiff_t>(i),
                         {{.name = "squeeze" + at,
                           .op = "GlobalAveragePool",
                           .inputs = {z},
                           .outputs = {"mean" + at}},
                          {.name = "excite" + at,
                           .op = "Sigmoid",
                           .inputs = {"mean" + at},
                           .outputs = {"share" + at}}});
    i += 2;
  }
}

// Two stages of three such blocks.
Network StagesOf(const BlockSpec& spec) {
  NetworkBuilder b("stages", "image", {kDynamic, 3, 16, 16}, Random(1));
  std::string x = b.ConvBn("image", {.out = 32});
  for (const int64_t stride : {1, 2}) {
    x = b.ConvBn(x, {.out = 32 * stride, .stride = stride});
    for (int i = 0; i < 3; ++i) x = Residual(b, x, spec);
  }
  Network network = std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10), "logits");
  InsertGates(network);
  return network;
}

std::map<std::string, Network> Networks() {
  return {{"basic", StagesOf({.mid = 32, .pointwise = false})},
          {"bottleneck", StagesOf({.mid = 32})},
          {"grouped", StagesOf({.mid = 64, .groups = 8})},
          {"inverted", StagesOf({.mid = 128, .kernel = 5, .groups = 128})},
          {"gated", StagesOf({.mid = 64, .groups = 64, .gated = true})}};
}

TEST(Rules, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Rule& rule : Rules()) EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
}

// What fits the shape of its span, by the name of the rule; everything else is checked.
void CountFits(const std::string& network, const Span& span, std::map<std::string, int>& fits) {
  for (const Rule& rule : Rules()) {
    if (!rule.applies(span, {})) continue;
    for (const Candidate& candidate : rule.propose(span, {})) {
      SCOPED_TRACE(network + " " + candidate.id);
      EXPECT_EQ(rule.name.rfind(Name(candidate.kind), 0), 0u) << rule.name;
      EXPECT_EQ(candidate.id.rfind("b" + std::to_string(span.first), 0), 0u);
      EXPECT_EQ(candidate.fragment.inputs.at(0).name, span.input);
      EXPECT_EQ(candidate.fragment.outputs.at(0).name, span.output);
      ASSERT_TRUE(Verify(candidate.fragment)) << Verify(candidate.fragment).error().message;
      const auto shapes = InferShapes(candidate.fragment, 1);
      ASSERT_TRUE(shapes) << shapes.error().message;
      fits[rule.name] += shapes->at(span.output).shape == span.out ? 1 : 0;
    }
  }
}

TEST(Rules, MakeNetworksThatFitTheirSpans) {
  std::map<std::string, int> fits;
  for (const auto& [name, network] : Networks()) {
    ASSERT_TRUE(Verify(network)) << name << ": " << Verify(network).error().message;
    const auto blocks = FindBlocks(network);
    ASSERT_TRUE(blocks) << name;
    for (const Span& span : FindSpans(network, *blocks, {})) CountFits(name, span, fits);
  }
  for (const Rule& rule : Rules()) EXPECT_GT(fits[rule.name], 0) << rule.name;
}

}  // namespace
}  // namespace nacre::space_internal
