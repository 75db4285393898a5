// Whether a network goes all the way: random_architecture IN.onnx OUT.onnx [--size H,W] [--seed N].
// Finds the core, draws a random architecture of its space, trains it for one update (or, where
// nothing classifies, one replaced part), puts it back into the file, compiles that, and compares
// the shapes of all outputs with those of IN. Prints one JSON object; exit code 3 with the reason.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/random.h"
#include "graph/core.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "pipeline/fit_to_preprocess.h"
#include "space/space.h"
#include "target/compare.h"
#include "train/distill.h"
#include "train/train.h"
#include "train/trainable.h"

namespace nacre {
namespace {

constexpr int64_t kImages = 8;

struct Options {
  std::filesystem::path from, to;
  Preprocess preprocess;
  uint64_t seed = 0;
};

ImageSet RandomImages(const Preprocess& preprocess, int64_t channels, int64_t classes) {
  ImageSet set{.preprocess = preprocess, .channels = channels};
  Random random(7);
  std::vector<uint8_t> pixels(static_cast<size_t>(kImages * set.image_bytes()));
  for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random.Below(256));
  set.source = InMemory(std::move(pixels), set.image_bytes());
  for (int64_t c = 0; c < std::max<int64_t>(1, classes); ++c)
    set.classes.push_back(fmt::format("{:05}", c));
  for (int64_t i = 0; i < kImages; ++i)
    set.labels.push_back(static_cast<int>(i % std::max<int64_t>(1, classes)));
  set.hash = "random";
  return set;
}

// Covers all blocks; a block or a run of them is replaced where anything can be.
Architecture Draw(const Space& space, uint64_t seed) {
  Random random(seed);
  Architecture architecture;
  for (int block = 0; block < static_cast<int>(space.blocks.size());) {
    std::vector<int> choice, keep;
    for (size_t i = 0; i < space.candidates.size(); ++i) {
      const Candidate& each = space.candidates[i].candidate;
      if (each.first == block) (IsKeep(each) ? keep : choice).push_back(static_cast<int>(i));
    }
    const auto& from = choice.empty() ? keep : choice;
    architecture.picks.push_back(from.at(random.Below(from.size())));
    block = space.candidates[static_cast<size_t>(architecture.picks.back())].candidate.last + 1;
  }
  return architecture;
}

Expected<Network> TrainOnce(const Network& network, const ImageSet& images) {
  TrainOptions options{.epochs = 1, .batch = kImages};
  options.loss.distill = 0;
  options.compute.threads = 1;
  NACRE_TRY(const TrainResult trained, Train(network, images, nullptr, options));
  return trained.network;
}

// The first replaced part learns for one update.
Expected<void> DistilOne(const Space& space, const Architecture& architecture,
                         const ImageSet& images) {
  for (const int pick : architecture.picks) {
    const Candidate& each = space.candidates[static_cast<size_t>(pick)].candidate;
    if (IsKeep(each)) continue;
    const SpanJob job{space.blocks[static_cast<size_t>(each.first)].input,
                      space.blocks[static_cast<size_t>(each.last)].output, each.fragment};
    DistillOptions options{.images = kImages, .epochs = 1, .batch = kImages};
    options.compute.threads = 1;
    NACRE_TRY(const auto results, DistillSpans(space.network, {job}, images, options));
    if (!results.at(0)) return tl::unexpected<Error>(results[0].error());
    return {};
  }
  return {};
}

std::vector<Value> StaticInputs(const Network& network, const Preprocess& preprocess) {
  std::vector<Value> inputs = network.inputs;
  for (Value& input : inputs) {
    const bool last = input.shape.size() == 4 && input.shape[3] > 0 && input.shape[3] <= 4;
    for (size_t i = 0; i < input.shape.size(); ++i) {
      if (input.shape[i] != kDynamic) continue;
      input.shape[i] = i == 0 ? 1 : (i == (last ? 1u : 2u) ? preprocess.height : preprocess.width);
    }
  }
  return inputs;
}

Expected<nlohmann::json> Go(Options options) {
  NACRE_TRY(const Network file, ReadOnnx(options.from));
  NACRE_TRY(const Core core, FindCore(file, {.height = options.preprocess.height,
                                             .width = options.preprocess.width}));
  NACRE_TRY(const int64_t classes, FitToPreprocess(core, options.preprocess));
  NACRE_CHECK_OK(CheckTrainable(core.network));
  const ImageSet images =
      RandomImages(options.preprocess, core.network.inputs[0].shape[1], classes);
  NACRE_TRY(const Network teacher, MakeTrainable(core.network, images));
  NACRE_TRY(const Space space, BuildSpace(teacher, {.seed = options.seed}));
  const Architecture architecture = Draw(space, options.seed);
  Network network = Assemble(space, architecture);
  if (classes > 0) {
    NACRE_TRY(network, TrainOnce(network, images));
  } else {
    NACRE_CHECK_OK(DistilOne(space, architecture, images));
  }
  NACRE_CHECK_OK(WriteOnnx(Embed(core, FoldBatchNorm(network)), options.to));
  std::vector<std::string> outputs;
  for (const Value& output : file.outputs) outputs.push_back(output.name);
  // The file as nacre writes it: OpenVINO cannot run every original (local functions).
  const std::filesystem::path before = options.to.string() + ".before";
  NACRE_CHECK_OK(WriteOnnx(file, before));
  const auto differences =
      CompareFiles(before, options.to, StaticInputs(file, options.preprocess), outputs, 1);
  std::filesystem::remove(before);
  if (!differences) return tl::unexpected<Error>(differences.error());
  int replaced = 0;
  for (const int pick : architecture.picks)
    replaced += IsKeep(space.candidates[static_cast<size_t>(pick)].candidate) ? 0 : 1;
  return nlohmann::json{
      {"blocks", space.blocks.size()},  {"candidates", space.candidates.size()},
      {"replaced", replaced},           {"classes", classes},
      {"outputs", differences->size()}, {"architecture", ToString(space, architecture)}};
}

int Main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: {} IN.onnx OUT.onnx [--size H,W] [--seed N]\n", argv[0]);
    return 2;
  }
  Options options{.from = argv[1], .to = argv[2]};
  for (int i = 3; i + 1 < argc; i += 2) {
    const std::string flag = argv[i], text = argv[i + 1];
    if (flag == "--seed") options.seed = std::stoull(text);
    if (flag != "--size") continue;
    options.preprocess.height = std::stoll(text);
    options.preprocess.width = std::stoll(text.substr(text.find(',') + 1));
  }
  const auto done = Go(options);
  if (!done) {
    fmt::print("{}\n", nlohmann::json{{"error", done.error().message}}.dump());
    return 3;
  }
  fmt::print("{}\n", done->dump());
  return 0;
}

}  // namespace
}  // namespace nacre

int main(int argc, char** argv) { return nacre::Main(argc, argv); }
