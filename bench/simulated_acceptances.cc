// How often acceptance certifies a network that it should not: simulated_acceptances [ACCEPTANCES]
// [IMAGES] [NETWORKS]. Every network of every front truly loses exactly the limit of 1 %, so that
// each `certified` is an error. A front counts once, however many of its networks are certified:
// the fixed sequence holds the error of all of them together at 5 %.
#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <vector>

#include "pipeline/certify.h"
#include "task/accuracy.h"
#include "task/paired.h"

using namespace nacre;

namespace {

constexpr double kOriginal = 0.90;   // true accuracy of the original
constexpr double kDiscordant = 0.8;  // share of its errors that a rebuilt network does not share

// Answers of a network that loses exactly 1 % of the original's accuracy, given the original's.
std::vector<bool> Answers(const std::vector<bool>& original, std::mt19937& random) {
  const double gained = kDiscordant * (1 - kOriginal) * 0.5;
  const double lost = gained + 0.01 * kOriginal;
  std::uniform_real_distribution<double> uniform;
  std::vector<bool> right;
  for (const bool was_right : original) {
    const double chance = was_right ? 1 - lost / kOriginal : gained / (1 - kOriginal);
    right.push_back(uniform(random) < chance);
  }
  return right;
}

// Whether any network of a front is certified.
bool Errs(int images, int networks, std::mt19937& random) {
  RunConfig config;
  std::bernoulli_distribution is_right(kOriginal);
  std::vector<bool> original;
  for (int i = 0; i < images; ++i) original.push_back(is_right(random));
  std::vector<FrontEntry> front(static_cast<size_t>(networks));
  for (size_t i = 0; i < front.size(); ++i) {
    front[i].int8.latency.median_ms = static_cast<double>(i + 1);
    front[i].drop = config.max_drop.Of(CountPairs(original, Answers(original, random)));
  }
  Certify(config, front);
  for (const FrontEntry& entry : front) {
    if (entry.certified) return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const int acceptances = argc > 1 ? std::atoi(argv[1]) : 200;
  const int images = argc > 2 ? std::atoi(argv[2]) : 1000;
  const int networks = argc > 3 ? std::atoi(argv[3]) : 5;
  std::mt19937 random(1);
  int errors = 0;
  for (int i = 0; i < acceptances; ++i) errors += Errs(images, networks, random) ? 1 : 0;
  const Accuracy share = WilsonAccuracy(errors, acceptances);
  fmt::print(
      "{} of {} fronts of {} networks on {} images certified wrongly: {:.1f} % "
      "(95 % interval {:.1f} to {:.1f})\n",
      errors, acceptances, networks, images, 100 * share.value, 100 * share.low, 100 * share.high);
  return 0;
}
