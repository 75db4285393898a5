// Step 7: final training of the finalists, one after the other, each chosen with what the one before has taught.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "graph/shapes.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "pipeline/training.h"

namespace nacre {
namespace {

constexpr double kEnd = 0.93;               // share of the budget spent when the last training ends
constexpr double kFirstShare = 0.6;         // of the time for finalists, for the first
constexpr double kAssumedClosing = 0.65;    // until a finalist has shown how much of its gap training closes
constexpr double kLearningRate = 0.15;
constexpr double kLeastEpochs = 1;
constexpr int kFinalists = 2;

double Reference(const Context& context) {
  return context.config.stated_accuracy.value_or(context.baseline_validation);
}

// The fastest that stands to reach the wanted accuracy; if none does, the one that stands to come closest.
const Tried* Choose(const Context& context, double closing, const std::vector<std::string>& done) {
  const Tried* best = nullptr;
  bool best_reaches = false;
  for (const Tried& tried : context.tried) {
    if (!tried.outcome.error.empty() || tried.artifact.empty() || tried.trial.rung == 0) continue;
    if (std::find(done.begin(), done.end(), tried.trial.point.Key()) != done.end()) continue;
    const double final = PredictFinal(Reference(context), tried.outcome.accuracy, closing);
    const bool reaches = final >= context.wanted;
    const bool better =
        best == nullptr || (reaches && !best_reaches) ||
        (reaches && best_reaches && tried.outcome.latency < best->outcome.latency) ||
        (!reaches && !best_reaches && tried.outcome.accuracy > best->outcome.accuracy);
    if (better) {
      best = &tried;
      best_reaches = reaches;
    }
  }
  return best;
}

// What to train and for how long is decided once and kept, so that a resumed run follows the same schedule.
Expected<Job> PlanFinalist(Context& context, int round, double closing,
                           const std::vector<std::string>& done) {
  const std::string key = Hasher().Add("final-plan").Add(StructuralHash(context.teacher, true))
                              .Add(context.train.hash).Add(int64_t{round})
                              .Add(context.config.budget.count()).Digest();
  return Once(context, "final-plan", key, [&]() -> Expected<Job> {
    const Tried* chosen = Choose(context, closing, done);
    const Seconds left = context.budget->At(kEnd) - context.budget->clock().Now();
    if (chosen == nullptr || left.count() <= 0) return Job{.result = "{}"};
    NACRE_TRY(const std::string bytes, context.run->GetArtifact(chosen->artifact));
    NACRE_TRY(const Network network, ParseOnnx(bytes));
    NACRE_TRY(const Cost cost, CostOf(network));
    double speed = context.macs_per_second / std::max<int64_t>(1, cost.macs);
    if (chosen->outcome.fidelity > 0) speed = chosen->outcome.fidelity;
    const double share = round == 0 ? kFirstShare : 0.97;
    const double epochs = std::floor(100 * share * left.count() * speed / context.train.count()) / 100;
    return Job{.result = nlohmann::json{{"point", chosen->trial.point.Key()}, {"epochs", epochs},
                                        {"rung", chosen->trial.rung}}.dump()};
  });
}

Expected<double> TrainOne(Context& context, const Tried& tried, double epochs, double closing) {
  const std::string id = HashBytes(tried.trial.point.Key()).substr(0, 8);
  const double speedup = context.int8_latency.count() / tried.outcome.latency;
  Info(fmt::format("finalist {}: {:.2f}x, {:.2f} % after {} rungs, {:.1f} epochs to go; {}", id,
                   speedup, 100 * tried.outcome.accuracy, tried.trial.rung + 1, epochs,
                   tried.description));
  NACRE_TRY(const std::string bytes, context.run->GetArtifact(tried.artifact));
  NACRE_TRY(const Network start, ParseOnnx(bytes));
  NACRE_TRY(const TrainedNetwork trained,
            DistilNetwork(context, id, start, epochs, kLearningRate));
  NACRE_TRY(const std::string result, context.run->GetArtifact(trained.artifact));
  NACRE_TRY(const Network network, ParseOnnx(result));
  Finalist finalist{.id = id, .description = tried.description,
                    .source = tried.trial.point.Key(), .network = FoldBatchNorm(network)};
  finalist.architecture.picks = tried.trial.point.genes;
  finalist.validation = trained.accuracy;
  context.finalists.push_back(std::move(finalist));
  Info(fmt::format("finalist {}: {:.2f} % on the validation set (wanted {:.2f} %)", id,
                   100 * trained.accuracy, 100 * context.wanted));
  const double gap = Reference(context) - tried.outcome.accuracy;
  if (gap < 0.01) return closing;
  return std::clamp((trained.accuracy - tried.outcome.accuracy) / gap, 0.0, 1.2);
}

}  // namespace

Expected<void> TrainFinalists(Context& context) {
  double closing = kAssumedClosing;
  std::vector<std::string> done;
  for (int round = 0; round < kFinalists; ++round) {
    NACRE_TRY(const Job plan, PlanFinalist(context, round, closing, done));
    const auto json = nlohmann::json::parse(plan.result);
    if (!json.contains("point") || json["epochs"].get<double>() < kLeastEpochs) break;
    const Tried* chosen = nullptr;
    for (const Tried& tried : context.tried) {
      if (tried.trial.point.Key() == json["point"] && tried.trial.rung == json["rung"]) {
        chosen = &tried;
      }
    }
    if (chosen == nullptr) {
      return Fail(ErrorKind::kInternal, "the run's plan names a trial that the run does not hold");
    }
    NACRE_TRY(closing, TrainOne(context, *chosen, json["epochs"], closing));
    done.push_back(chosen->trial.point.Key());
  }
  if (context.finalists.empty()) {
    return Fail(ErrorKind::kUsage,
                fmt::format("the budget of {} is too small to train a result; give at least {}",
                            PrintDuration(context.config.budget),
                            PrintDuration(2 * context.config.budget)));
  }
  return {};
}

}  // namespace nacre
