#include "pipeline/tree_plan.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/hash.h"

namespace nacre {
namespace {

constexpr double kEnd = 0.31;         // share of the round spent when the search ends,
constexpr double kLaterEnd = 0.21;    // of a later one, which distils no candidates,
constexpr double kLeastShare = 0.17;  // unless that leaves it less than this
// A third rung was of no use: two more epochs at a higher rate left ResNet-20's candidates where
// the second had.
constexpr double kRungShare[] = {0.65, 0.35};  // of the search's time
constexpr double kSecondsPerFirstTrial = 6;    // at least,
constexpr double kLeastFirstEpochs =
    0.15;  // and as many for a network twice as fast: less tells nothing
constexpr double kShareOfFinalists = 0.6;  // of the round, about, is for training them

// Epochs of final training for a network twice as fast as the original. A faster one trains for
// more in that time, but has less to learn with (decision 14).
double FinalEpochs(const Context& context, double epochs_per_second) {
  return epochs_per_second * kShareOfFinalists * context.budget->Length().count() /
         static_cast<double>(context.round.finalists);
}

}  // namespace

Expected<double> SearchSeconds(Context& context) {
  const std::string key = Hasher()
                              .Add("tree-plan")
                              .Add(StructuralHash(context.teacher, true))
                              .Add(context.train.hash)
                              .Add(context.budget->Total().count())
                              .Digest();
  NACRE_TRY(
      const Job job, Once(context, "tree-plan", key, [&]() -> Expected<Job> {
        const double end = context.budget->FromTheStart() ? kEnd : kLaterEnd;
        const Seconds left = context.budget->At(end) - context.budget->clock().Now();
        const double least = kLeastShare * context.budget->Length().count();
        return Job{.result = nlohmann::json(std::round(std::max(left.count(), least))).dump()};
      }));
  return nlohmann::json::parse(job.result).get<double>();
}

TreeSearchOptions PlanTree(const Context& context, double seconds, double macs) {
  // Of training a network twice as fast as the original.
  const double epochs_per_second =
      2 * context.macs_per_second / (macs * static_cast<double>(context.train.count()));
  TreeSearchOptions options;
  const double each = std::max(kSecondsPerFirstTrial, kLeastFirstEpochs / epochs_per_second);
  const int first = std::clamp(static_cast<int>(kRungShare[0] * seconds / each), 4, 32);
  options.rungs = {first, std::max(3, first / 5)};
  options.wanted = context.limit;  // more would be slower than need be; finalists are chosen by
                                   // their chances (decision 17)
  options.trained = [curve = context.curve, original = context.original_usage.*context.Figure(),
                     more = FinalEpochs(context, epochs_per_second)](const Outcome& outcome) {
    return curve.Predict(outcome.accuracy, outcome.epochs, more,
                         original / std::max(outcome.cost, 1e-9));
  };
  options.seed = context.config.seed + context.finalists.size();  // a later round looks elsewhere
  return options;
}

double SecondsOfTrial(double seconds, const TreeSearchOptions& plan, int rung) {
  return kRungShare[rung] * seconds / plan.rungs[rung];
}

}  // namespace nacre
