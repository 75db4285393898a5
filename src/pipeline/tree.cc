// Step 6: tree search. Latency of what is expanded is measured as a whole compiled network;
// accuracy comes from recalibration and short distillation, more of it on every rung.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "cost/profile.h"
#include "forecast/training_speed.h"
#include "graph/shapes.h"
#include "onnx/onnx.h"
#include "pipeline/roots.h"
#include "pipeline/training.h"
#include "pipeline/tree_plan.h"
#include "pipeline/tree_space.h"
#include "target/remote.h"

namespace nacre {
namespace {

constexpr double kRungRate[] = {0.15, 0.2};  // of the rates of a full training
constexpr double kLeastShared =
    0.3;  // of its blocks: then a root takes over training from another one
constexpr double kSettled =
    0.125;  // of the training that it inherits counts as its own for OnUnseen (decision 20)

class Tree {
 public:
  Tree(Context& context, const ArchitectureSpace& space, double original_macs)
      : context_(context),
        space_(space),
        speed_(original_macs, context.macs_per_second / original_macs) {}

  // Network of a trial before it is trained, with its epochs: as the rung or the round before left
  // it; made out of its parent's; or assembled, with the training of the trial that shares most
  // with it.
  Expected<Network> Start(const Trial& trial, Tried& tried) {
    const Tried* itself = Latest(trial.point);
    if (itself == nullptr && trial.rung > 0)
      return Fail(ErrorKind::kInternal, "a trial has no trial that it goes on from");
    const Tried* source = itself         ? itself
                          : trial.parent ? Latest(*trial.parent)
                                         : Nearest(trial.point);
    if (source == nullptr && trial.parent)
      return Fail(ErrorKind::kInternal, "a trial has no parent to be made of");
    if (source == nullptr) return space_.Build(trial.point);
    NACRE_TRY(const std::string bytes, context_.run->GetArtifact(source->artifact));
    NACRE_TRY(Network trained, ParseOnnx(bytes));
    tried.outcome.epochs =
        source->outcome.epochs * (itself ? 1 : space_.Shared(trial.point, source->trial.point));
    tried.settled =
        itself ? itself->settled
               : kSettled * space_.Shared(trial.point, source->trial.point) * source->settled;
    return itself ? std::move(trained) : space_.Derive(trial.point, source->trial.point, trained);
  }

  // As the point was left by the last training that it had.
  const Tried* Latest(const Point& point) const {
    const auto same = [&](const Tried& tried) {
      return tried.trial.point == point && !tried.artifact.empty();
    };
    const auto found = std::find_if(context_.tried.rbegin(), context_.tried.rend(), same);
    return found == context_.tried.rend() ? nullptr : &*found;
  }

  // The trial without macro moves that shares most blocks with the point, if that is a good part of
  // them.
  const Tried* Nearest(const Point& point) const {
    double most = kLeastShared;
    const Tried* nearest = nullptr;
    for (const Tried& tried : context_.tried) {
      if (tried.artifact.empty() || !tried.trial.point.moves.empty() || !point.moves.empty())
        continue;
      const double shared = space_.Shared(point, tried.trial.point);
      if (shared >= most) nearest = &tried, most = shared;
    }
    return nearest;
  }

  Expected<double> MeasuredLatency(const Network& network) {
    const std::string key = Hasher()
                                .Add("measure")
                                .Add(StructuralHash(network))
                                .Add(Fingerprint(context_.machine, context_.config.target))
                                .Digest();
    const auto job = OnceSurviving(context_, "measure", key, [&]() -> Expected<Job> {
      const Network& baseline = context_.original_int8;
      const std::vector<MeasureJob> jobs = {{baseline, context_.TimedOptions()},
                                            TimingJob(network, context_.config.target)};
      const auto results = MeasureInChild(jobs, {.rounds = 15, .slice = Seconds(0.01)},
                                          LimitsFor(context_.config.target));
      for (const auto& result : results) {
        if (!result) return tl::unexpected<Error>(result.error());
      }
      return Job{.result = nlohmann::json(1 / results[1]->over_first.median).dump()};
    });
    if (!job) return tl::unexpected<Error>(job.error());
    // Of the INT8 original's latency, so that drift of the machine cancels.
    return nlohmann::json::parse(job->result).get<double>() * context_.int8_latency.count();
  }

  Expected<Tried> Evaluate(const Trial& trial, double seconds) {
    Tried tried;
    tried.trial = trial;
    tried.description = space_.Describe(trial.point);
    NACRE_TRY(const Network network, Start(trial, tried));
    NACRE_TRY(tried.usage, UsageOf(network, context_.config.target));
    NACRE_TRY(tried.usage.latency, MeasuredLatency(network));
    if (std::string broken =
            Broken(context_.config.bounds, tried.usage, context_.config.target.batch);
        !broken.empty()) {
      return Fail(ErrorKind::kNothingMet, std::move(broken));
    }
    tried.outcome.cost = tried.usage.*context_.Figure();
    NACRE_TRY(const Cost cost, CostOf(network));
    const auto macs = static_cast<double>(std::max<int64_t>(1, cost.macs));
    const double images = seconds * speed_.Of(macs);
    const double epochs =
        std::clamp(std::round(50 * images / context_.train.count()) / 50, 0.02, 8.0);
    const std::string name =
        fmt::format("rung {} {:.2f}x", trial.rung, context_.Gain(tried.outcome));
    NACRE_TRY(const TrainedNetwork trained,
              DistilNetwork(context_, name, network, {epochs, kRungRate[trial.rung]}));
    tried.artifact = trained.artifact;
    tried.outcome.epochs += epochs;
    tried.settled += epochs;
    tried.outcome.accuracy = context_.OnUnseen(trained.accuracy, tried.settled);
    tried.images_per_second = trained.images_per_second;
    speed_.Add(macs, trained.images_per_second);
    return tried;
  }

 private:
  Context& context_;
  const ArchitectureSpace& space_;
  TrainingSpeed speed_;
};

Expected<void> Tell(Context& context, const Tried& tried) {
  const auto number = static_cast<int64_t>(context.tried.size()) + 1;
  Info(fmt::format("trial {} rung {}: {:.2f}x, {:.2f} %  {}", number, tried.trial.rung,
                   context.Gain(tried.outcome), 100 * tried.outcome.accuracy, tried.description));
  NACRE_CHECK_OK(context.run->LogScalar("trials/accuracy", number, tried.outcome.accuracy));
  return context.run->LogScalar("trials/speedup", number,
                                context.original_usage.latency / tried.usage.latency);
}

}  // namespace

Expected<void> SearchTree(Context& context) {
  NACRE_CHECK_OK(PrepareTeacherOutputs(context));
  NACRE_TRY(const double seconds, SearchSeconds(context));
  const auto cost = CostOf(context.teacher);
  const double macs = cost ? static_cast<double>(std::max<int64_t>(1, cost->macs)) : 1;
  const ArchitectureSpace space(context);
  const TreeSearchOptions plan = PlanTree(context, seconds, macs);
  Tree tree(context, space, macs);
  TreeSearch search(space.Tree(RootsOfRound(context)), plan);
  while (const auto trial = search.Ask()) {
    auto tried = tree.Evaluate(*trial, SecondsOfTrial(seconds, plan, trial->rung));
    if (!tried && EndsRun(context, tried.error())) return tl::unexpected<Error>(tried.error());
    if (!tried) {
      Tried failed;
      failed.trial = *trial;
      failed.outcome.error = tried.error().message;
      failed.description = space.Describe(trial->point);
      tried = std::move(failed);
      Warn(fmt::format("trial {} failed: {}  {}", context.tried.size() + 1, tried->outcome.error,
                       tried->description));
    } else {
      NACRE_CHECK_OK(Tell(context, *tried));
    }
    search.Tell(*trial, tried->outcome);
    context.tried.push_back(std::move(*tried));
  }
  if (context.budget->FromTheStart())
    NoteRankQuality(context);  // in others all go on from trained ones
  return {};
}

}  // namespace nacre
