#include "space/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "graph/builder.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

Network ResNet(int blocks) {
  NetworkBuilder b("resnet", "image", {kDynamic, 3, 32, 32}, Random(1));
  std::string x = b.ConvBn("image", {.out = 16});
  for (int stage = 0; stage < 3; ++stage) {
    const int64_t width = int64_t{16} << stage;
    for (int i = 0; i < blocks; ++i) {
      const int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      const auto y = b.ConvBn(b.ConvBn(x, {.out = width, .stride = stride}), {.out = width}, "");
      if (stride == 2) x = b.ConvBn(x, {.out = width, .kernel = 1, .stride = 2}, "");
      x = b.Activation(b.Add(y, x), "Relu");
    }
  }
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10), "logits");
}

Network Plain() {
  NetworkBuilder b("vgg", "image", {kDynamic, 3, 32, 32}, Random(1));
  std::string x = b.ConvBn("image", {.out = 32}, "HardSwish");
  x = b.MaxPool(b.ConvBn(x, {.out = 64}), 2, 2);
  x = b.MaxPool(b.ConvBn(x, {.out = 64}), 2, 2);
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10), "logits");
}

class SpaceOf : public testing::TestWithParam<int> {
 protected:
  Network network() const { return GetParam() == 0 ? Plain() : ResNet(GetParam()); }
};

TEST_P(SpaceOf, EveryCandidateMakesAValidDropIn) {
  const auto space = BuildSpace(network(), {});
  ASSERT_TRUE(space) << space.error().message;
  const Architecture original = Original(*space);
  ASSERT_TRUE(CheckCovers(*space, original));
  for (size_t i = 0; i < space->candidates.size(); ++i) {
    const Candidate& candidate = space->candidates[i].candidate;
    Architecture changed;
    for (int pick : original.picks) {
      const Candidate& kept = space->candidates[pick].candidate;
      if (kept.first == candidate.first) changed.picks.push_back(static_cast<int>(i));
      if (kept.first < candidate.first || kept.first > candidate.last)
        changed.picks.push_back(pick);
    }
    ASSERT_TRUE(CheckCovers(*space, changed)) << candidate.id;
    const Network assembled = Assemble(*space, changed);
    ASSERT_TRUE(Verify(assembled)) << candidate.id << ": " << Verify(assembled).error().message;
    const auto shapes = InferShapes(assembled, 2);
    ASSERT_TRUE(shapes) << candidate.id << ": " << shapes.error().message;
    EXPECT_EQ(shapes->at("logits").shape, (Shape{2, 10})) << candidate.id;
    EXPECT_EQ(assembled.inputs[0].name, "image");
  }
}

TEST_P(SpaceOf, KeepsEveryBlockOnceAndTheOriginalAsItIs) {
  const auto space = BuildSpace(network(), {});
  ASSERT_TRUE(space);
  std::map<int, int> keeps;
  std::set<std::string> ids;
  for (const RatedCandidate& rated : space->candidates) {
    const Candidate& candidate = rated.candidate;
    EXPECT_TRUE(ids.insert(candidate.id).second) << candidate.id;
    if (IsKeep(candidate)) ++keeps[candidate.first];
    EXPECT_EQ(rated.score, IsKeep(candidate) ? std::optional(0.0) : std::nullopt) << candidate.id;
    EXPECT_FALSE(rated.usage) << candidate.id;
    EXPECT_NE(candidate.id.find(":" + Name(candidate.kind)), std::string::npos) << candidate.id;
  }
  EXPECT_EQ(keeps.size(), space->blocks.size());
  for (const auto& [block, count] : keeps) EXPECT_EQ(count, 1) << block;
  EXPECT_EQ(StructuralHash(Assemble(*space, Original(*space)), true),
            StructuralHash(network(), true));
}

INSTANTIATE_TEST_SUITE_P(Networks, SpaceOf, testing::Values(0, 1, 3));

TEST(Space, OffersTheKindsThatMatter) {
  const auto space = BuildSpace(ResNet(3), {});
  ASSERT_TRUE(space);
  std::map<std::string, int> kinds;
  for (const RatedCandidate& rated : space->candidates) ++kinds[Name(rated.candidate.kind)];
  for (const char* kind :
       {"keep", "drop", "thin", "merge", "plain", "bottleneck", "grouped", "inverted", "fused",
        "separable", "early-stride", "low-rank", "reparam"}) {
    EXPECT_GT(kinds[kind], 0) << kind;
  }
  EXPECT_LE(space->candidates.size(), 400u);
  const auto plain = BuildSpace(Plain(), {});
  ASSERT_TRUE(plain);
  int activations = 0;
  for (const RatedCandidate& rated : plain->candidates)
    activations += rated.candidate.kind == CandidateKind::kActivation ? 1 : 0;
  EXPECT_EQ(activations, 1);
}

TEST(Candidate, InheritsWhatIsMadeOfTrainedLayers) {
  const auto inherits = [](CandidateKind kind, const std::string& id) {
    return Inherits({.id = id, .kind = kind});
  };
  EXPECT_TRUE(inherits(CandidateKind::kThin, "b1:thin50"));
  EXPECT_TRUE(inherits(CandidateKind::kDrop, "b1:drop"));
  EXPECT_TRUE(inherits(CandidateKind::kMerge, "b1-b2:merge-first1"));
  EXPECT_FALSE(inherits(CandidateKind::kMerge, "b1-b2:merge16"));
  EXPECT_FALSE(inherits(CandidateKind::kPlain, "b1:plain16"));
  EXPECT_FALSE(inherits(CandidateKind::kFused, "b1:fused32"));
}

// An inverted residual of stride two between two plain convolutions.
Network WithInverted() {
  NetworkBuilder b("inverted", "image", {kDynamic, 3, 16, 16}, Random(1));
  std::string x = b.ConvBn("image", {.out = 16}, "Relu");
  x = b.ConvBn(x, {.out = 96, .kernel = 1}, "Relu");
  x = b.ConvBn(x, {.out = 96, .stride = 2, .groups = 96}, "Relu");
  x = b.ConvBn(x, {.out = 24, .kernel = 1}, "");
  x = b.ConvBn(x, {.out = 32}, "Relu");
  const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
  return std::move(b).Finish(logits, "logits");
}

TEST(Space, ThinsAnInvertedResidualOverItsThreeBlocks) {
  const auto space = BuildSpace(WithInverted(), {});
  ASSERT_TRUE(space) << space.error().message;
  std::vector<int64_t> widths;  // of the depthwise convolution
  for (const RatedCandidate& each : space->candidates) {
    const Candidate& candidate = each.candidate;
    const bool three = candidate.last - candidate.first == 2;
    if (!three || candidate.kind != CandidateKind::kThin) continue;
    for (const Node& node : candidate.fragment.nodes) {
      if (node.op == "Conv" && node.Int("group", 1) > 1) widths.push_back(node.Int("group", 1));
    }
  }
  EXPECT_THAT(widths, testing::Contains(48));
  EXPECT_THAT(widths, testing::Contains(32)) << "a quarter, up to a multiple of sixteen";
}

// A residual block whose middle is gated: y times the sigmoid of its mean (squeeze-and-excite,
// arXiv 1709.01507, without the layers between).
Network WithGate() {
  NetworkBuilder b("gated", "image", {kDynamic, 3, 16, 16}, Random(1));
  const std::string x = b.ConvBn("image", {.out = 32}, "Relu");
  const std::string y = b.ConvBn(x, {.out = 32}, "Relu");
  const std::string gated = b.Activation(y, "Relu");
  const std::string z = b.Add(b.ConvBn(gated, {.out = 32, .kernel = 1}, ""), x);
  const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(z)), 10);
  Network network = std::move(b).Finish(logits, "logits");
  const auto at = network.nodes.begin() + static_cast<std::ptrdiff_t>(*network.Producer(gated));
  *at = {.name = "gate", .op = "Mul", .inputs = {y, "share"}, .outputs = {gated}};
  network.nodes.insert(
      at, {{.name = "squeeze", .op = "GlobalAveragePool", .inputs = {y}, .outputs = {"mean"}},
           {.name = "excite", .op = "Sigmoid", .inputs = {"mean"}, .outputs = {"share"}}});
  return network;
}

TEST(Space, OffersABlockWithoutItsGate) {
  const auto space = BuildSpace(WithGate(), {});
  ASSERT_TRUE(space) << space.error().message;
  int found = 0;
  for (const RatedCandidate& each : space->candidates) {
    if (each.candidate.kind != CandidateKind::kUngated) continue;
    ++found;
    EXPECT_TRUE(Inherits(each.candidate));
    for (const Node& node : each.candidate.fragment.nodes) {
      EXPECT_NE(node.op, "GlobalAveragePool") << each.candidate.id;
      EXPECT_NE(node.op, "Sigmoid") << each.candidate.id;
    }
  }
  EXPECT_EQ(found, 1);
}

TEST(Space, StaysWithinItsLimitAndOffersEverySpan) {
  const auto all = BuildSpace(ResNet(4), {.most_candidates = 0});
  const auto few = BuildSpace(ResNet(4), {.most_candidates = 200});
  ASSERT_TRUE(all && few);
  EXPECT_GT(all->candidates.size(), 400u);
  EXPECT_EQ(few->candidates.size(), 200u);
  EXPECT_TRUE(CheckCovers(*few, Original(*few)));
  std::map<int, std::set<CandidateKind>> single;
  bool whole_stage = false;
  for (const RatedCandidate& rated : few->candidates) {
    const Candidate& candidate = rated.candidate;
    if (candidate.first == candidate.last) single[candidate.first].insert(candidate.kind);
    whole_stage |= candidate.first == 5 && candidate.last == 8;
  }
  EXPECT_TRUE(whole_stage);
  for (int block = 1; block < static_cast<int>(few->blocks.size()) - 1;
       ++block) {  // the stem has few
    EXPECT_GE(single[block].size(), 3u) << block;
  }
}

TEST(Space, IsTheSameForTheSameSeed) {
  const auto a = BuildSpace(ResNet(2), {.seed = 5}), b = BuildSpace(ResNet(2), {.seed = 5});
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->candidates.size(), b->candidates.size());
  for (size_t i = 0; i < a->candidates.size(); ++i) {
    EXPECT_EQ(a->candidates[i].candidate.id, b->candidates[i].candidate.id);
    EXPECT_EQ(StructuralHash(a->candidates[i].candidate.fragment, true),
              StructuralHash(b->candidates[i].candidate.fragment, true));
  }
}

// The architecture with candidate `index` in place of those that it covers.
Architecture Replaced(const Space& space, const Architecture& architecture, int index) {
  const Candidate& candidate = space.candidates[index].candidate;
  Architecture changed;
  bool placed = false;
  for (int pick : architecture.picks) {
    const Candidate& old = space.candidates[pick].candidate;
    if (old.last >= candidate.first && !placed) {
      changed.picks.push_back(index);
      placed = true;
    }
    if (old.last < candidate.first || old.first > candidate.last) changed.picks.push_back(pick);
  }
  return changed;
}

int First(const Space& space, CandidateKind kind, int block) {
  for (size_t i = 0; i < space.candidates.size(); ++i) {
    const Candidate& each = space.candidates[i].candidate;
    if (each.kind == kind && each.first == block && each.last == block) return static_cast<int>(i);
  }
  return -1;
}

int64_t Elements(const Network& network, bool sevens) {
  int64_t count = 0;
  for (const auto& [name, tensor] : network.initializers) {
    if (tensor.type() != DataType::kFloat) continue;
    const auto values = tensor.ToFloats();
    count += std::count_if(values.begin(), values.end(),
                           [&](float value) { return (value == 7) == sevens; });
  }
  return count;
}

// What both pick keeps the trained weights, what changes comes from the space. Of the trained
// network only the weights are looked at, and of the one that takes them over: what wrote and read
// them may have removed values between the blocks.
TEST(Graft, KeepsTheTrainingOfWhatStays) {
  const auto space = BuildSpace(ResNet(3), {});
  ASSERT_TRUE(space) << space.error().message;
  Architecture from = Original(*space);
  for (const auto& [kind, block] :
       {std::pair{CandidateKind::kDrop, 2}, std::pair{CandidateKind::kThin, 5}}) {
    ASSERT_GE(First(*space, kind, block), 0) << Name(kind);
    from = Replaced(*space, from, First(*space, kind, block));
  }
  Network trained = Assemble(*space, from);
  for (auto& [name, tensor] : trained.initializers) {
    if (tensor.type() == DataType::kFloat)
      tensor = Tensor::Floats(tensor.shape(), std::vector<float>(tensor.count(), 7));
  }
  trained.nodes.clear();
  int grafted = 0;
  for (size_t i = 0; i < space->candidates.size(); i += 5) {
    const Candidate& candidate = space->candidates[i].candidate;
    const Architecture to = Replaced(*space, from, static_cast<int>(i));
    if (to == from || !CheckCovers(*space, to)) continue;
    const Network network = Graft(*space, from, trained, to, Assemble(*space, to));
    ASSERT_TRUE(Verify(network)) << candidate.id << ": " << Verify(network).error().message;
    EXPECT_EQ(StructuralHash(network), StructuralHash(Assemble(*space, to))) << candidate.id;
    EXPECT_EQ(Elements(network, false), Elements(candidate.fragment, false)) << candidate.id;
    EXPECT_GT(Elements(network, true), 0) << candidate.id;
    ++grafted;
  }
  EXPECT_GT(grafted, 10);
  EXPECT_EQ(Elements(Graft(*space, from, trained, from, Assemble(*space, from)), false), 0);
  Network own = Assemble(*space, Original(*space));
  own.nodes.clear();
  const int64_t all = Elements(own, false);
  const Network heir = Graft(*space, from, trained, Original(*space), own);
  EXPECT_GT(Elements(heir, true), 0);
  EXPECT_GT(Elements(heir, false), 0);
  EXPECT_EQ(Elements(heir, true) + Elements(heir, false), all);
}

// A detector's heads read more than one value of the trunk: their block leads to several outputs.
TEST(Graft, ATailOfSeveralOutputsKeepsItsTraining) {
  Network network = ResNet(1);
  for (const Node& node : network.nodes) {
    if (node.op == "GlobalAveragePool") network.outputs.push_back({.name = node.inputs[0]});
  }
  ASSERT_EQ(network.outputs.size(), 2U);
  const auto space = BuildSpace(network, {});
  ASSERT_TRUE(space) << space.error().message;
  ASSERT_EQ(space->blocks.back().kind, "tail");
  for (const RatedCandidate& each : space->candidates) {
    const bool tail = each.candidate.last + 1 == static_cast<int>(space->blocks.size());
    EXPECT_TRUE(!tail || IsKeep(each.candidate)) << each.candidate.id;
  }
  const Architecture same = Original(*space);
  Network trained = Assemble(*space, same);
  for (auto& [name, tensor] : trained.initializers) {
    if (tensor.type() == DataType::kFloat)
      tensor = Tensor::Floats(tensor.shape(), std::vector<float>(tensor.count(), 7));
  }
  const Network heir = Graft(*space, same, trained, same, Assemble(*space, same));
  EXPECT_GT(Elements(heir, true), 0);
  EXPECT_EQ(Elements(heir, false), 0);
}

}  // namespace
}  // namespace nacre
