#include "pipeline/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/interrupt.h"

namespace nacre {

int Context::Workers() const { return config.workers > 0 ? config.workers : std::max(1, cores); }

double Context::OnUnseen(double accuracy, double epochs) const {
  constexpr double kTrained = 0.65, kUntrained = 0.8;  // decisions 20 and 24
  constexpr double kLeast = 0.05;  // of the gap here is one on unseen images, too
  const double stated = std::min(baseline_validation, Reference());
  const double surplus = baseline_validation - stated,
               gap = std::max(0.0, baseline_validation - accuracy);
  if (surplus <= 0) return stated - (baseline_validation - accuracy);
  const double fades = kTrained + kUntrained / (1 + epochs);
  const double kept =
      surplus *
      std::min(fades, std::exp(-gap / (surplus * fades)));  // never less for a smaller gap
  return std::min(accuracy - kept, Taught() - kLeast * gap);
}

double Context::Taught() const {
  constexpr double kLessError = 0.05;  // decision 23
  return 1 - (1 - kLessError) * (1 - Reference());
}

double Usage::*Context::Figure() const { return FigureOf(config.objective); }

double Context::Gain(const Outcome& outcome) const {
  return original_usage.*Figure() / outcome.cost;
}

Usage Context::SumOf(const std::vector<int>& picks) const {
  Usage sum;
  for (int pick : picks) {
    sum.latency += std::max(0.0, usages[pick].latency);
    sum.size += usages[pick].size;
    sum.memory += usages[pick].memory;
  }
  return sum;
}

double Context::ScoreOf(const std::vector<int>& picks) const {
  double sum = 0;
  for (const int pick : picks) sum += scores[pick];
  return sum;
}

Usage Context::Predicted(const std::vector<int>& picks) const {
  const Usage sum = SumOf(picks), kept = SumOf(Original(space).picks);
  const auto whole = [&](const Usage& parts) {
    return table.overhead + table.scale * parts.latency;
  };
  // The table is right up to a factor, sizes up to what lies between the blocks.
  return {original_usage.latency * whole(sum) / whole(kept),
          std::max(0.0, original_usage.size + sum.size - kept.size),
          std::max(0.0, original_usage.memory + sum.memory - kept.memory)};
}

CompileOptions Context::TimedOptions() const {
  return {config.target.precision, config.target.threads, config.target.batch};
}

namespace {

using Work = std::function<Expected<Job>()>;

Expected<Job> Do(Context& context, const std::string& kind, const std::string& key,
                 const Work& work, bool survives) {
  NACRE_TRY(auto found, context.run->Find(key));
  if (found && found->error.empty()) return *found;
  if (found && survives) return Fail(ErrorKind::kTarget, found->error);
  if (InterruptRequested()) {
    return Fail(ErrorKind::kInterrupted,
                "interrupted; go on with: nacre resume " + context.run->folder().string());
  }
  const Seconds start = context.budget->clock().Now();
  Expected<Job> done = work();
  if (!done && (!survives || EndsRun(context, done.error()))) return done;
  Job job = done ? *done : Job{};
  if (!done) job.error = done.error().message;
  job.key = key;
  job.kind = kind;
  job.seconds = (context.budget->clock().Now() - start).count();
  NACRE_CHECK_OK(context.run->Put(job));
  NACRE_CHECK_OK(context.run->SetNote("spent", fmt::format("{}", context.budget->Spent().count())));
  NACRE_CHECK_OK(context.run->LogEvent(nlohmann::json{
      {"event", "job"},
      {"kind", kind},
      {"key", key},
      {"seconds", job.seconds},
      {"error", job.error}}.dump()));
  if (!done) return tl::unexpected<Error>(done.error());
  return job;
}

}  // namespace

Expected<Job> Once(Context& context, const std::string& kind, const std::string& key,
                   const Work& work) {
  return Do(context, kind, key, work, false);
}

Expected<Job> OnceSurviving(Context& context, const std::string& kind, const std::string& key,
                            const Work& work) {
  return Do(context, kind, key, work, true);
}

bool EndsRun(const Context& context, const Error& error) {
  return error.kind == ErrorKind::kInterrupted || context.run->Failure().has_value();
}

const std::vector<PipelineStage>& Stages() {
  static const std::vector<PipelineStage> stages = {{"ingest", Ingest},
                                                    {"baselines", MeasureBaselines},
                                                    {"space", MakeSpace},
                                                    {"distill", DistillCandidates},
                                                    {"score", ScoreCandidates},
                                                    {"solve", SolveForRoots},
                                                    {"tree", SearchTree, true},
                                                    {"final", TrainFinalists, true},
                                                    {"quantize", QuantizeFinalists},
                                                    {"accept", Accept}};
  return stages;
}

namespace {

Expected<void> RunStage(Context& context, const PipelineStage& stage) {
  context.progress->Stage(stage.name);
  const Seconds start = context.budget->clock().Now();
  NACRE_CHECK_OK(stage.run(context));
  const double seconds = (context.budget->clock().Now() - start).count();
  NACRE_CHECK_OK(context.run->SetNote("spent", fmt::format("{}", context.budget->Spent().count())));
  return context.run->LogEvent(
      nlohmann::json{{"event", "stage"}, {"stage", stage.name}, {"seconds", seconds}}.dump());
}

}  // namespace

Expected<void> RunStages(Context& context) {
  const Budget whole = *context.budget;
  if (context.budgets.empty()) context.budgets = {whole.Total()};
  const auto enter = [&](size_t k) {
    *context.budget = whole.Part(k == 0 ? Seconds(0) : context.budgets[k - 1], context.budgets[k]);
    context.config.budget = context.budgets[k];
  };
  const auto repeats = [](const PipelineStage& stage) { return stage.every_round; };
  const auto first = std::find_if(Stages().begin(), Stages().end(), repeats);
  const auto last = std::find_if_not(first, Stages().end(), repeats);
  enter(0);
  for (auto stage = Stages().begin(); stage != first; ++stage)
    NACRE_CHECK_OK(RunStage(context, *stage));
  context.curve =
      LearningCurve(context.Taught(), PartOfSize(context.baseline_validation, context.Reference()));
  for (const Round& round : RoundsOf(context.budgets)) {
    enter(round.budget);
    context.round = round;
    *context.budget = whole.Part(round.begin, round.end);
    for (auto stage = first; stage != last; ++stage) NACRE_CHECK_OK(RunStage(context, *stage));
  }
  enter(context.budgets.size() - 1);
  for (auto stage = last; stage != Stages().end(); ++stage)
    NACRE_CHECK_OK(RunStage(context, *stage));
  return {};
}

}  // namespace nacre
