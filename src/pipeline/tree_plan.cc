#include "pipeline/tree_plan.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/hash.h"

namespace nacre {
namespace {

constexpr double kEnd = 0.31;                       // share of the round spent when the search ends,
constexpr double kLaterEnd = 0.21;                  // of a later one, which distils no candidates,
constexpr double kLeastShare = 0.17;                // unless that leaves it less than this
// A third rung was of no use: two more epochs at a higher rate left ResNet-20's candidates where the second had.
constexpr double kRungShare[] = {0.65, 0.35};         // of the search's time
constexpr double kSecondsPerFirstTrial = 6;         // at least,
constexpr double kLeastFirstEpochs = 0.15;          // and as many for a network twice as fast: less tells nothing
constexpr double kShareOfFinalists = 0.6;           // of the round, about, is for training them
constexpr double kInherited = 0.8;                  // of a finalist's epochs: what a network has that differs from it in one decision

// Epochs that trials of a later round have, about, as they are made of finalists.
double Inherited(const Context& context) {
  double most = 0;
  for (const Tried& tried : context.tried) most = std::max(most, tried.final ? tried.epochs : 0);
  return kInherited * most;
}

// Share of the gap that what follows a rung stands to close, for a network twice as fast as the original. A faster one trains for
// more epochs in that time, but has less to learn with (decision 14).
std::vector<double> Closing(const Context& context, double seconds, double epochs_per_second, const std::vector<int>& rungs) {
  const double each = kShareOfFinalists * context.budget->Length().count() / static_cast<double>(context.round.finalists);
  std::vector<double> closing;
  double done = Inherited(context);
  for (size_t rung = 0; rung < rungs.size(); ++rung) {
    done += epochs_per_second * kRungShare[rung] * seconds / rungs[rung];
    closing.push_back(context.curve.Closing(done, epochs_per_second * each));
  }
  return closing;
}

}  // namespace

Expected<double> SearchSeconds(Context& context) {
  const std::string key = Hasher().Add("tree-plan").Add(StructuralHash(context.teacher, true))
                              .Add(context.train.hash).Add(context.budget->Total().count()).Digest();
  NACRE_TRY(const Job job, Once(context, "tree-plan", key, [&]() -> Expected<Job> {
    const double end = context.budget->FromTheStart() ? kEnd : kLaterEnd;
    const Seconds left = context.budget->At(end) - context.budget->clock().Now();
    const double least = kLeastShare * context.budget->Length().count();
    return Job{.result = nlohmann::json(std::round(std::max(left.count(), least))).dump()};
  }));
  return nlohmann::json::parse(job.result).get<double>();
}

TreeSearchOptions PlanTree(const Context& context, double seconds, double macs) {
  // Of training a network twice as fast as the original.
  const double epochs_per_second = 2 * context.macs_per_second / (macs * static_cast<double>(context.train.count()));
  TreeSearchOptions options;
  const double each = std::max(kSecondsPerFirstTrial, kLeastFirstEpochs / epochs_per_second);
  const int first = std::clamp(static_cast<int>(kRungShare[0] * seconds / each), 4, 32);
  options.rungs = {first, std::max(3, first / 5)};
  options.wanted = context.limit;  // more would be slower than need be; finalists are chosen by their chances (decision 17)
  options.reference = context.Taught();
  options.part = context.curve.part();
  options.original = context.original_usage.*context.Figure();
  options.closing = Closing(context, seconds, epochs_per_second, options.rungs);
  options.seed = context.config.seed + context.finalists.size();  // a later round looks elsewhere
  return options;
}

double SecondsOfTrial(double seconds, const TreeSearchOptions& plan, int rung) { return kRungShare[rung] * seconds / plan.rungs[rung]; }

}  // namespace nacre
