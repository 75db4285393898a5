// What start weights by least squares are worth: distill_start NETWORK.onnx TRAIN [side] [shown]
// [candidates]. Draws candidates of the network's space,
// distils each on `shown` images with and without them, and prints the errors and the divergence of
// the whole network with the candidate in place, for fresh and for inherited candidates.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/random.h"
#include "bench/images.h"
#include "bench/must.h"
#include "onnx/onnx.h"
#include "space/space.h"
#include "train/distill.h"
#include "train/score.h"
#include "train/trainable.h"

namespace nacre {
namespace {

std::string Median(std::vector<double> values) {
  if (values.empty()) return "-";
  std::sort(values.begin(), values.end());
  return fmt::format("{:.3f}", values[values.size() / 2]);
}

double ShareBelow(const std::vector<double>& values, double limit) {
  const auto below =
      std::count_if(values.begin(), values.end(), [&](double v) { return v < limit; });
  return 100.0 * static_cast<double>(below) / std::max(1.0, static_cast<double>(values.size()));
}

void Compare(const Space& space, std::vector<size_t> drawn, const ImageSet& images, int64_t shown) {
  std::vector<SpanJob> jobs;
  for (const size_t i : drawn) {
    const Candidate& each = space.candidates[i].candidate;
    jobs.push_back({space.blocks[static_cast<size_t>(each.first)].input,
                    space.blocks[static_cast<size_t>(each.last)].output, each.fragment});
  }
  const ImageSet judging = Sample(images, 512, 9);
  for (const bool solve : {false, true}) {
    const auto begin = std::chrono::steady_clock::now();
    DistillOptions options{.images = std::min<int64_t>(images.count(), 4096)};
    options.epochs = static_cast<double>(shown) / static_cast<double>(options.images);
    options.solve_start = solve;
    const auto results = Must(DistillSpans(space.network, jobs, images, options));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::vector<SpanJob> learned = jobs;
    for (size_t i = 0; i < jobs.size(); ++i) {
      if (results[i]) learned[i].fragment = results[i]->fragment;
    }
    const auto scores = Must(ScoreReplacements(space.network, learned, judging));
    std::vector<double> errors[2], divergences[2];
    for (size_t i = 0; i < jobs.size(); ++i) {
      if (!results[i] || !scores[i]) continue;
      const bool inherits = Inherits(space.candidates[drawn[i]].candidate);
      errors[inherits].push_back(results[i]->error);
      divergences[inherits].push_back(scores[i]->divergence);
    }
    for (const bool inherits : {false, true}) {
      const auto& scored = divergences[inherits];
      fmt::print(
          "{:<16} {:<9} {:>3}: error {}, divergence {}, below 0.3 {:.0f} %, below 0.1 {:.0f} %\n",
          solve ? "least squares" : "as they are", inherits ? "inherited" : "fresh", scored.size(),
          Median(errors[inherits]), Median(scored), ShareBelow(scored, 0.3),
          ShareBelow(scored, 0.1));
    }
    fmt::print("{:.1f} s\n", took.count());
  }
}

void Main(int argc, char** argv) {
  const int64_t side = argc > 3 ? std::stoll(argv[3]) : 32;
  const int64_t shown = argc > 4 ? std::stoll(argv[4]) : 5000;
  const size_t count = argc > 5 ? std::stoul(argv[5]) : 48;
  const ImageSet images = Sample(LoadForBench(argv[2], side), 4608, 1);
  const Network teacher = Must(MakeTrainable(Must(ReadOnnx(argv[1])), images));
  const Space space = Must(BuildSpace(teacher, {}));
  std::vector<size_t> candidates;
  for (size_t i = 0; i < space.candidates.size(); ++i) {
    if (!IsKeep(space.candidates[i].candidate)) candidates.push_back(i);
  }
  Random(5).Shuffle(candidates);
  candidates.resize(std::min(count, candidates.size()));
  Compare(space, candidates, images, shown);
}

}  // namespace
}  // namespace nacre

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: {} NETWORK.onnx TRAIN [side] [shown] [candidates]\n", argv[0]);
    return 2;
  }
  nacre::Main(argc, argv);
  return 0;
}
