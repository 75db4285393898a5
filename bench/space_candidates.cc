// What a space offers: space_candidates MODEL.onnx [--size H,W] [--weights yes].
// One line for each candidate: its id, multiply-accumulates, parameters, and the hash of its
// structure, with `--weights yes` that of its weights, too. The last line counts the kinds and
// says how long it took. Two versions of the rules are compared by the difference of their lines.
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <string>

#include "bench/must.h"
#include "graph/core.h"
#include "graph/shapes.h"
#include "onnx/onnx.h"
#include "space/space.h"

namespace nacre {
namespace {

struct Options {
  std::string model;
  CoreOptions core;
  bool weights = false;
};

Options Parse(int argc, char** argv) {
  Options options{.model = argv[1]};
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string flag = argv[i], text = argv[i + 1];
    if (flag == "--weights") options.weights = text == "yes";
    if (flag != "--size") continue;
    options.core.height = std::stoll(text);
    options.core.width = std::stoll(text.substr(text.find(',') + 1));
  }
  return options;
}

int Main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} MODEL.onnx [--size H,W] [--weights yes]\n", argv[0]);
    return 2;
  }
  const Options options = Parse(argc, argv);
  const Core core = Must(FindCore(Must(ReadOnnx(options.model)), options.core));
  const auto start = std::chrono::steady_clock::now();
  const Space space = Must(BuildSpace(core.network, {}));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::map<CandidateKind, int> kinds;
  for (const RatedCandidate& each : space.candidates) {
    const Network fragment = Unmade(each.candidate.fragment);
    const auto cost = CostOf(fragment);
    fmt::print("{} {} {} {}\n", each.candidate.id, cost ? cost->macs : -1,
               cost ? cost->parameters : -1, StructuralHash(fragment, options.weights));
    ++kinds[each.candidate.kind];
  }
  fmt::print("# {} blocks, {} candidates in {:.2f} s:", space.blocks.size(),
             space.candidates.size(), seconds.count());
  for (const auto& [kind, count] : kinds) fmt::print(" {} {}", count, Name(kind));
  fmt::print("\n");
  return 0;
}

}  // namespace
}  // namespace nacre

int main(int argc, char** argv) { return nacre::Main(argc, argv); }
