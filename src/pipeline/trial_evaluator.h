// Judges the trials of a tree search: the latency is measured as a whole compiled network; accuracy
// comes from recalibration and short distillation, more of it on every rung.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "forecast/training_speed.h"
#include "pipeline/history.h"
#include "pipeline/network_trainer.h"
#include "pipeline/rate_space.h"
#include "pipeline/tree_plan.h"
#include "search/evaluator.h"

namespace nacre {

class TrialEvaluator : public Evaluator {
 public:
  // What trials are judged with and by; all must outlive the evaluator.
  struct Setting {
    RunServices& run;
    const Ingested& in;
    const Baselines& baselines;
    const ArchitectureSpace& space;
    const Aim& aim;
    const StoredAnswers& answers;
    const TreeSearchOptions& plan;
    double seconds = 0;  // of the whole search
  };
  // Every trial becomes a record of the history.
  TrialEvaluator(Setting setting, History& history);

  // An Error only for what ends the run.
  std::vector<Expected<Outcome>> Evaluate(std::span<const Trial> trials) override;

 private:
  Expected<TrialRecord> Judge(const Trial& trial);
  TrialRecord Failed(const Trial& trial, const std::string& error) const;
  Expected<Network> Start(const Trial& trial, TrialRecord& record) const;
  const TrialRecord* Latest(const Point& point) const;
  const TrialRecord* Nearest(const Point& point) const;
  Expected<double> MeasuredLatency(const Network& network, const ArtifactHash& hash);
  Expected<double> EpochsOf(const Trial& trial, double macs);
  Expected<void> Record(TrialRecord record);

  Setting setting_;
  History& history_;
  TrainingSpeed speed_;
};

}  // namespace nacre
