// Sub-networks of ResNet-50's super-network beside the published shapes of BootstrapNAS (MLPerf
// Inference 2.0, open division), all with random weights, in INT8 and in one interleaved run:
// published_shapes [SAMPLES] [THREADS] [BATCH]. For each shape sub-networks are drawn that have at
// least its multiply-accumulates and its parameters; the fastest of them is measured again beside
// it. Memory and one training step of the super-network are shown as well.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "base/random.h"
#include "bench/bottleneck.h"
#include "bench/must.h"
#include "cost/usage.h"
#include "graph/builder.h"
#include "graph/elastic.h"
#include "graph/shapes.h"
#include "target/measure.h"
#include "train/super_network.h"

namespace nacre {
namespace {

struct Shape50 {
  const char* name;
  int64_t stem;
  std::vector<int64_t> outputs;             // channels of the stages
  std::vector<std::vector<int64_t>> inner;  // channels inside each block of each stage
};

const Shape50 kOriginal = {
    "ResNet-50",
    64,
    {256, 512, 1024, 2048},
    {{64, 64, 64}, {128, 128, 128, 128}, {256, 256, 256, 256, 256, 256}, {512, 512, 512}}};
// docs/method.md, section 4.
const Shape50 kPublished[] = {
    {"A",
     40,
     {168, 336, 816, 1640},
     {{32, 32}, {64, 64, 64}, {160, 160, 160, 160, 160}, {408, 408}}},
    {"B",
     48,
     {208, 512, 1024, 2048},
     {{40, 40}, {104, 104, 104}, {208, 208, 208, 208, 208}, {512, 512}}},
    {"C",
     48,
     {168, 336, 816, 2048},
     {{40, 32}, {88, 64, 88}, {160, 160, 208, 160, 208, 208}, {512, 512}}}};

Network Build(const Shape50& shape) {
  NetworkBuilder builder(shape.name, "image", {kDynamic, 3, 224, 224}, Random(1));
  std::string x = builder.ConvBn("image", {.out = shape.stem, .kernel = 7, .stride = 2});
  x = builder.MaxPool(x, 3, 2, 1);
  for (size_t stage = 0; stage < shape.inner.size(); ++stage) {
    for (size_t i = 0; i < shape.inner[stage].size(); ++i)
      x = Bottleneck(builder, x, shape.inner[stage][i], shape.outputs[stage],
                     stage > 0 && i == 0 ? 2 : 1);
  }
  x = builder.Linear(builder.Flatten(builder.GlobalAveragePool(x)), 1000);
  return std::move(builder).Finish(x, "logits");
}

double Gibibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / (1 << 20);
}

// Genes of about `share` of the multiply-accumulates: blocks are left out at random, and widths are
// drawn around what is left to save.
std::vector<int> Draw(const Elasticity& elasticity, double share, Random& random) {
  std::vector<int> genes;
  double there = 1;
  const double leave = 0.9 * random.Uniform();
  for (const ElasticDimension& each : elasticity.dimensions) {
    const bool out = each.kind == ElasticDimension::Kind::kDepth && random.Uniform() < leave;
    genes.push_back(out ? 1 : 0);
    if (out) there -= 0.7 / static_cast<double>(elasticity.blocks.size());
  }
  const double width = std::min(1.0, std::sqrt(1.05 * share / there));
  for (size_t d = 0; d < genes.size(); ++d) {
    const ElasticDimension& each = elasticity.dimensions[d];
    if (each.kind != ElasticDimension::Kind::kWidth) continue;
    const double wanted =
        width * (0.8 + 0.5 * random.Uniform()) * static_cast<double>(each.values[0]);
    size_t best = 0;
    for (size_t v = 0; v < each.values.size(); ++v) {
      const auto off = [&](size_t i) {
        return std::abs(static_cast<double>(each.values[i]) - wanted);
      };
      if (off(v) < off(best)) best = v;
    }
    genes[d] = static_cast<int>(best);
  }
  return genes;
}

class Comparing {
 public:
  Comparing(Target target, int samples)
      : target_(target), samples_(samples), compiler_(MakeOpenVinoCompiler()) {}

  void Run() {
    const Elasticity elasticity =
        Must(FindElasticity(network_, {.multiple = 16, .least = 1.0 / 3, .widths = 6}));
    fmt::print("super-network of ResNet-50: {} dimensions, 10^{:.0f} sub-networks, {:.1f} GiB\n",
               elasticity.dimensions.size(), elasticity.LogSize(), Gibibytes());
    const Compiled original = Compile(network_);
    for (const Shape50& shape : kPublished) Beside(shape, elasticity, original);
    TrainOneStep(elasticity);
  }

 private:
  using Compiled = std::unique_ptr<CompiledNetwork>;

  Compiled Compile(const Network& network) const {
    return Must(compiler_->Compile(AsDeployed(network, target_),
                                   {target_.precision, target_.threads, target_.batch}));
  }

  Comparison Measure(const std::vector<CompiledNetwork*>& networks, int rounds) const {
    return CompareInterleaved(
        networks,
        {.rounds = rounds, .slice = Seconds(0.05), .threads = static_cast<int>(target_.threads)});
  }

  void Beside(const Shape50& shape, const Elasticity& elasticity, const Compiled& original) {
    const Network published = Build(shape);
    const Cost cost = Must(CostOf(published)), whole = Must(CostOf(network_));
    const Compiled theirs = Compile(published);
    Random random(1);
    Compiled best;
    Cost of_best;
    double fastest = 0;
    int measured = 0;
    for (int draw = 0; draw < 40 * samples_ && measured < samples_; ++draw) {
      const double share = static_cast<double>(cost.macs) / static_cast<double>(whole.macs);
      const Network subnet =
          Must(ExtractSubnet(network_, elasticity, Draw(elasticity, share, random)));
      const Cost own = Must(CostOf(subnet));
      if (own.macs < cost.macs || own.parameters < cost.parameters ||
          static_cast<double>(own.macs) > 1.25 * static_cast<double>(cost.macs))
        continue;
      ++measured;
      Compiled ours = Compile(subnet);
      const double faster = Measure({theirs.get(), ours.get()}, 5).over_first[1].median;
      if (faster <= fastest) continue;
      fastest = faster;
      best = std::move(ours);
      of_best = own;
    }
    if (!best) {
      fmt::print("{}: no sub-network was found\n", shape.name);
      return;
    }
    Print(shape.name, cost, of_best, Measure({original.get(), theirs.get(), best.get()}, 21),
          measured);
  }

  static void Print(const char* name, const Cost& theirs, const Cost& ours,
                    const Comparison& figures, int measured) {
    const Ratio published = figures.over_first[1], found = figures.over_first[2];
    fmt::print(
        "{}: published {:.2f}x ({:.2f}-{:.2f}) over INT8 ResNet-50, {:.2f} GMAC, {:.1f} M; "
        "found {:.2f}x ({:.2f}-{:.2f}), {:.2f} GMAC, {:.1f} M, of {} that were measured\n",
        name, published.median, published.low, published.high,
        static_cast<double>(theirs.macs) / 1e9, static_cast<double>(theirs.parameters) / 1e6,
        found.median, found.low, found.high, static_cast<double>(ours.macs) / 1e9,
        static_cast<double>(ours.parameters) / 1e6, measured);
    std::fflush(stdout);
  }

  void TrainOneStep(const Elasticity& elasticity) const {
    constexpr int64_t kImages = 4;
    ImageSet set{.preprocess = {.height = 224, .width = 224}, .channels = 3};
    Random random(7);
    std::vector<uint8_t> pixels(static_cast<size_t>(kImages * set.image_bytes()));
    for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random.Below(256));
    set.source = InMemory(std::move(pixels), set.image_bytes());
    for (int64_t c = 0; c < 1000; ++c) set.classes.push_back(fmt::format("{:04}", c));
    set.labels.assign(kImages, 0);
    set.hash = "random";
    TrainOptions train{.epochs = 1, .batch = kImages};
    const auto trained =
        Must(TrainSuperNetwork(network_, elasticity, set, nullptr, {.train = train}));
    fmt::print("one training step of {} images: loss {:.2f}; {:.1f} GiB at most\n", kImages,
               trained.loss, Gibibytes());
  }

  const Target target_;
  const int samples_;
  const std::unique_ptr<Compiler> compiler_;
  const Network network_ = Build(kOriginal);
};

}  // namespace
}  // namespace nacre

int main(int argc, char** argv) {
  nacre::Target target;
  target.precision = nacre::Precision::kInt8;
  const int samples = argc > 1 ? std::stoi(argv[1]) : 12;
  target.threads = argc > 2 ? std::stoi(argv[2]) : 1;
  target.batch = argc > 3 ? std::stoi(argv[3]) : 1;
  nacre::Comparing(target, samples).Run();
  return 0;
}
