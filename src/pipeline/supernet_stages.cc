#include "pipeline/supernet_stages.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/log.h"
#include "engine/shares.h"
#include "forecast/priors.h"
#include "graph/simplify.h"
#include "pipeline/choose_finalist.h"
#include "pipeline/decided_number.h"
#include "pipeline/network_trainer.h"
#include "pipeline/train_finalists.h"

namespace nacre {
namespace {

// The time of one final training: how long it may take, and when it has to end, in seconds that the
// run will have spent. Decided once.
struct FinalTime {
  Seconds length{0}, end{0};
};
Expected<FinalTime> TimeOf(RunServices& run, const std::string& id, Seconds end, size_t left) {
  const std::string name = fmt::format("final {} of {}", id, run.budget.Total().count());
  NACRE_TRY(const double begin,
            DecidedNumber(run, name, [&] { return run.budget.Spent().count(); }));
  const Seconds length = (end - Seconds(begin)) / static_cast<double>(left);
  return FinalTime{std::max(Seconds(1), length), Seconds(begin) + length};
}

}  // namespace

Expected<SupernetTimes> DivideTime(RunServices& run, const Ingested& in, Seconds to_finish) {
  const std::string name =
      fmt::format("supernet-seconds {} {}", in.teacher_hash, run.budget.Total().count());
  NACRE_TRY(const double left, DecidedNumber(run, name, [&] {
              return std::max(1.0, (run.budget.Total() - run.budget.Spent() - to_finish).count());
            }));
  const double training = run.config.supernet.empty() ? double{shares::kSupernetTraining} : 0;
  const double search = shares::kSubnetSearch / (1 - shares::kSupernetTraining) * (1 - training);
  return SupernetTimes{Seconds(training * left), Seconds(search * left),
                       run.budget.Total() - to_finish};
}

tl::unexpected<Error> NothingIsElastic() {
  return Fail(ErrorKind::kModel,
              "the network has no channels or blocks that it could lose: use --method autonac");
}

Expected<Supernet> PrepareSupernet(RunServices& run, const Ingested& in, const Baselines& baselines,
                                   double macs_per_second) {
  Supernet supernet;
  supernet.job = {.supernet = in.teacher_hash,
                  .ranking = in.teacher_hash,
                  .int8 = baselines.int8,
                  .elastic = {.multiple = priors::kChannelMultiple.Count()},
                  .train = in.train->hash,
                  .validation = in.selecting->hash,
                  .target = run.config.target,
                  .fingerprint = run.Fingerprint(),
                  .seed = run.config.seed};
  NACRE_TRY(supernet.elasticity,
            ElasticityOf(in.teacher_hash, supernet.job.elastic, run.materials));
  const Elasticity& elasticity = *supernet.elasticity;
  if (elasticity.dimensions.empty()) return NothingIsElastic();
  Info(
      fmt::format("super-network: {} widths, {} blocks that can be left out, 10^{:.0f} "
                  "sub-networks",
                  elasticity.groups.size(), elasticity.blocks.size(), elasticity.LogSize()));
  supernet.aim = {.original_cost = Of(run.config.objective, baselines.usage),
                  .limit = in.limit,
                  .wanted = in.wanted,
                  .macs_per_second = macs_per_second,
                  .images = in.train->count()};
  return supernet;
}

Expected<void> FinishSubnets(RunServices& run, const Ingested& in, const StoredAnswers& answers,
                             const Supernet& supernet, Seconds end, History& history) {
  const std::vector<Role> roles = ChooseRoles(history, supernet.aim);
  NetworkTrainer trainer(run, in, answers);
  for (size_t r = 0; r < roles.size(); ++r) {
    const TrialRecord trial = history.trials[roles[r].trial];
    const std::string id =
        fmt::format("{}-{}", roles[r].letter, HashBytes(trial.trial.point.Key()).substr(0, 6));
    SubnetJob job = supernet.job;
    job.genes = trial.trial.point.genes;
    NACRE_TRY(const Network subnet, MakeSubnet(job, run.materials));
    NACRE_TRY(const ArtifactHash start, run.materials.PutNetwork(subnet));
    NACRE_TRY(const FinalTime time, TimeOf(run, id, end, roles.size() - r));
    const double epochs = std::max(0.1, EpochsIn(supernet.aim, trial, time.length.count()));
    Info(fmt::format("{}: {:.2f}x, {:.2f} % in the super-network, {:.1f} epochs to go", id,
                     supernet.aim.Gain(trial.outcome), 100 * trial.outcome.accuracy, epochs));
    const Seconds left = std::max(Seconds(1), time.end - run.budget.Spent());
    NACRE_TRY(const TrainedNetwork trained,
              trainer.Train(id, start,
                            {epochs, priors::kFinalRate, run.budget.clock().Now() + left,
                             EndsWithBits(run, in, id)}));
    NACRE_TRY(const auto network, run.materials.GetNetwork(trained.network));
    NACRE_TRY(const ArtifactHash folded, run.materials.PutNetwork(FoldBatchNorm(*network)));
    Info(fmt::format("{}: {:.2f} % (limit {:.2f} %)", id, 100 * trained.accuracy,
                     100 * supernet.aim.limit));
    Finalist finalist{.id = id, .description = trial.description, .role = roles[r].name};
    finalist.network = folded;
    finalist.ranges = trained.ranges;
    finalist.accuracy = trained.accuracy;
    history.finalists.push_back(std::move(finalist));
  }
  return {};
}

}  // namespace nacre
