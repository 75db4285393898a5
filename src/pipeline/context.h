// What the stages of one run share: the run's services, and the results that each stage leaves for
// the next.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/progress.h"
#include "base/units.h"
#include "config/config.h"
#include "cost/latency_table.h"
#include "data/image_folder.h"
#include "engine/budget.h"
#include "engine/rounds.h"
#include "forecast/learning_curve.h"
#include "graph/network.h"
#include "quantize/quantize.h"
#include "report/report.h"
#include "search/search.h"
#include "space/space.h"
#include "store/run.h"
#include "target/measure.h"
#include "target/target.h"
#include "train/trainer.h"

namespace nacre {

// A network of the tree search with all that is known of it.
struct Tried {
  Trial trial;
  Outcome outcome;
  std::string description;
  Usage usage;
  std::string artifact;  // trained network, ONNX
  double settled = 0;    // of training since it has its shape, and some of what it inherited
  bool final = false;    // went through a final training
  double images_per_second = 0;
};

// A network that went through the final training.
struct Finalist {
  std::string id, description, source;  // source: the trial's key
  Architecture architecture;
  Network network;  // trained, batch-norm folded
  std::map<std::string, Range>
      ranges;             // of activations, where its training ended under fake quantisation
  Network int8;           // quantized
  double validation = 0;  // top-1 in float on the validation set
};

struct Context {
  RunConfig config;
  std::string command;  // to repeat the run
  std::string version;  // of nacre
  Run* run = nullptr;
  Compiler* compiler = nullptr;
  Progress* progress = nullptr;
  Budget* budget = nullptr;  // in a stage of every round that of the round, else as config.budget
  std::vector<Seconds>
      budgets;  // totals (rounds.h); empty: one, the whole; config.budget is the one under way
  Round round;  // under way
  MachineInfo machine;  // the target's
  int cores = 1;        // of this machine, which trains
  bool bf16 = false;    // it trains in bfloat16 (decision 16)

  // ingest
  Network original;  // as imported
  Network teacher;   // the same function with batch-norm, for training
  ImageSet train, validation, calibration;
  LoadReport train_report;
  double baseline_validation = 0;  // top-1 of the original on the validation set
  double limit = 0;   // top-1 on unseen images, as OnUnseen says, that a finalist needs so that its
                      // INT8 is accepted,
  double wanted = 0;  // and what it should stand to reach: chance lies between them
  double macs_per_second = 0;  // measured training speed, multiply-accumulates of the forward pass
  // baselines
  Network original_int8;
  Latency fp32_latency{0}, int8_latency{0};
  Usage original_usage;  // at the target's precision
  // space, distill, score
  Space space;
  LatencyTable table;
  // Per candidate. Latency by the table, negative where it has none; memory of its weights and its
  // share of activations.
  std::vector<Usage> usages;
  std::vector<bool> useful;    // per candidate: kept, or cheaper than the blocks that it replaces
  std::vector<double> scores;  // per candidate, KL divergence; negative: failed, not to be used
  TeacherOutputs teacher_outputs;
  // solve, tree, final
  std::vector<Point> roots;
  std::vector<Tried> tried;
  std::vector<Finalist> finalists;
  LearningCurve curve;  // of finalists, by what those so far have shown
  Report report;

  int Workers() const;
  // What `accuracy` on the validation images stands for on unseen ones, for a network that was
  // trained for `epochs` as it is. The original was mostly trained on those images, and its heirs
  // inherit some of what it knows of them: less the more accuracy they have lost, and the longer
  // they were trained (decisions 20 and 23).
  double OnUnseen(double accuracy, double epochs) const;
  // Accuracy of the original on unseen images.
  double Reference() const { return config.stated_accuracy.value_or(baseline_validation); }
  // And of the teacher's mean over both sides of an image, about.
  double Taught() const;
  double Usage::*Figure() const;                        // what is minimised
  Usage SumOf(const std::vector<int>& picks) const;     // of candidates
  double ScoreOf(const std::vector<int>& picks) const;  // summed over candidates; less is better
  // What a network of these candidates stands to take.
  Usage Predicted(const std::vector<int>& picks) const;
  // The original over it: how many times faster, or smaller, it is.
  double Gain(const Outcome& outcome) const;
  CompileOptions TimedOptions() const;
};

struct PipelineStage {
  std::string name;
  std::function<Expected<void>(Context&)> run;
  bool every_round = false;  // of the run, one after the other; the others once
};

// In order: ingest, baselines, space, distill, score, solve, tree, final, quantize, accept.
const std::vector<PipelineStage>& Stages();

// Runs all stages; leaves report.html, front.json, front.csv and models/. Called again on the same
// run it goes on where it stopped. Error kNothingMet still leaves the front.
Expected<void> RunStages(Context& context);

// The result of `work`, from the run when it is there. `key` names all inputs; `work` fills result
// and artifacts. A failure is not recorded: the run ends by it, and tries again when it is resumed.
Expected<Job> Once(Context& context, const std::string& kind, const std::string& key,
                   const std::function<Expected<Job>()>& work);
// Of a trial, whose failure the run survives: it is recorded, so that a resumed run goes the same
// way. Not recorded is what ends the run all the same (EndsRun).
Expected<Job> OnceSurviving(Context& context, const std::string& kind, const std::string& key,
                            const std::function<Expected<Job>()>& work);
// Interrupted, or the run folder can no longer be written.
bool EndsRun(const Context& context, const Error& error);

// The network takes one image [N, C, H, W] of the size that the preprocessing makes (filled in from
// the network where it is 0); returns the number of classes. Errors name what does not fit.
Expected<int64_t> FitToPreprocess(const Network& network, Preprocess& preprocess);

Expected<void> Ingest(Context& context);
Expected<void> MeasureBaselines(Context& context);
Expected<void> MakeSpace(Context& context);
Expected<void> DistillCandidates(Context& context);
Expected<void> ScoreCandidates(Context& context);
Expected<void> SolveForRoots(Context& context);
Expected<void> SearchTree(Context& context);
// A line for log and report: how well scores and table ranked what the tree search then measured.
void NoteRankQuality(Context& context);
Expected<void> TrainFinalists(Context& context);
Expected<void> QuantizeFinalists(Context& context);
Expected<void> Accept(Context& context);

}  // namespace nacre
