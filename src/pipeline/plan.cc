#include "pipeline/plan.h"

#include <algorithm>
#include <set>

#include "cost/profile.h"
#include "engine/rounds.h"
#include "engine/shares.h"
#include "forecast/priors.h"
#include "onnx/onnx.h"
#include "pipeline/core_for.h"
#include "space/latencies.h"
#include "target/remote.h"
#include "train/trainable.h"

namespace nacre {
namespace {

size_t Groups(size_t items, double per_group) {
  const auto size = static_cast<size_t>(per_group);
  return (items + size - 1) / size;
}

// How much of the space has to be measured and may be trained.
struct SpaceSize {
  size_t unknown = 0;     // distinct fragments that the target's latency table lacks
  size_t candidates = 0;  // that replace something
};

Expected<SpaceSize> SizeOf(const Network& network, const RunConfig& config) {
  NACRE_TRY(const MachineInfo machine, InspectTarget(config.target));
  const LatencyTable table = ReadTable(Fingerprint(machine, config.target));
  NACRE_TRY(const Space space, BuildSpace(network, {.seed = config.seed}));
  SpaceSize size;
  std::set<std::string> seen;
  for (const RatedCandidate& rated : space.candidates) {
    const std::string part = PartKey(rated.candidate.fragment);
    if (table.entries.count(part) == 0 && seen.insert(part).second) ++size.unknown;
    if (!IsKeep(rated.candidate)) ++size.candidates;
  }
  return size;
}

class Planner {
 public:
  Planner(const RunConfig& config, const SpaceSize& size) : config_(config), size_(size) {}

  std::vector<PlannedJobs> Plan() {
    PlanPreparation();
    const auto rounds = RoundsOf({config_.budget});
    for (size_t i = 0; i < rounds.size(); ++i) PlanRound(rounds[i], i == 0);
    const Seconds rest = (1 - shares::kTraining) * config_.budget;
    size_t finalists = 0;
    for (const Round& round : rounds) finalists += round.finalists;
    Add({"quantize", "int8", 1, finalists, 0.5 * rest});
    Add({"accept", "accept", 4, 2 + 2 * finalists, 0.5 * rest});
    return std::move(jobs_);
  }

 private:
  void Add(PlannedJobs jobs) {
    spent_ += jobs.estimated;
    jobs_.push_back(std::move(jobs));
  }

  void PlanPreparation() {
    const size_t tables = Groups(size_.unknown, shares::kFragmentsPerJob);
    const size_t groups = Groups(size_.candidates, shares::kCandidatesPerJob);
    const Seconds small = Seconds(priors::kSmallJobSeconds);
    Add({"ingest", "reproduce", 1, 1, small});
    Add({"ingest", "trainable", 1, 1, small});
    Add({"baselines", "quantize", 1, 1, small});
    Add({"baselines", "latency", 1, 1, small});
    Add({"space", "table", tables, tables,
         Seconds(priors::kFragmentSeconds * static_cast<double>(size_.unknown))});
    Add({"speed", "speed", 1, 1, small});
    Add({"distill", "distill", 1, groups, shares::kDistillation * config_.budget});
    Add({"score", "score", 1, groups, shares::kScores * config_.budget});
  }

  void PlanRound(const Round& round, bool first) {
    const Seconds length = round.end - round.begin;
    const Seconds teacher = shares::kTeacherOutputs * config_.budget;
    if (first) Add({"teacher", "teacher", 1, 1, teacher});
    const Seconds ends =
        round.begin + (first ? shares::kSearchEnds : shares::kLaterSearchEnds) * length;
    const Seconds search = std::max<Seconds>(shares::kLeastSearch * length, ends - spent_);
    Add({"tree", "measure", 4, 40, 0.1 * search});
    Add({"tree", "train", 7, 40, 0.9 * search});
    const Seconds final = std::max(Seconds(0), round.end - spent_);
    Add({"final", "train", round.finalists, 20 * round.finalists, final});
  }

  const RunConfig& config_;
  const SpaceSize& size_;
  std::vector<PlannedJobs> jobs_;
  Seconds spent_{0};
};

}  // namespace

Expected<Core> CoreForPlan(const RunConfig& config) {
  NACRE_TRY(const Network file, ReadOnnx(config.model));
  NACRE_TRY(Core core, FindCoreFor(config, file, /*only_trainable=*/true));
  Preprocess preprocess = config.preprocess;
  NACRE_CHECK_OK(FitToTask(config, core, preprocess));
  NACRE_CHECK_OK(CheckTrainable(core.network));
  return core;
}

Expected<std::vector<PlannedJobs>> PlanAutonac(const RunConfig& config) {
  NACRE_TRY(const Core core, CoreForPlan(config));
  NACRE_TRY(const SpaceSize size, SizeOf(core.network, config));
  return Planner(config, size).Plan();
}

}  // namespace nacre
