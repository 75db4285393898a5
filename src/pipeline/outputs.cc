#include "pipeline/outputs.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>
#include <span>

#include "base/number.h"
#include "engine/shares.h"
#include "forecast/priors.h"
#include "pipeline/write_models.h"
#include "store/write_file.h"

namespace nacre {
namespace {

using Json = nlohmann::json;

double BaselineTrainingSeconds(const OutputInputs& inputs) {
  if (inputs.macs_per_second <= 0) return 0;
  const double images = priors::kBaselineEpochs * static_cast<double>(inputs.in.train->count());
  return images * inputs.in.teacher_macs() / inputs.macs_per_second;
}

// Of this session: the largest resident set.
double PeakMebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Time of the run by what it was spent for.
Expected<std::vector<StageCost>> CostOfStages(Run& store) {
  struct Row {
    const char* name;
    std::vector<const char*> kinds;
  };
  const Row rows[] = {{"latency table", {"table"}},
                      {"blockwise distillation", {"distill"}},
                      {"scores", {"score"}},
                      {"teacher outputs", {"teacher"}},
                      {"training of candidates and finalists", {"train"}},
                      {"training of the super-network", {"supernet"}},
                      {"figures of sub-networks", {"subnet"}},
                      {"recalibration", {"recalibrate"}},
                      {"latency of candidates", {"measure"}},
                      {"quantization", {"quantize", "int8-loss", "int8"}},
                      {"acceptance", {"accept"}}};
  std::vector<StageCost> costs;
  for (const Row& row : rows) {
    StageCost cost{row.name, 0};
    for (const char* kind : row.kinds) {
      NACRE_TRY(const auto jobs, store.JobsOfKind(kind));
      for (const Job& job : jobs) cost.seconds += job.seconds;
    }
    costs.push_back(cost);
  }
  return costs;
}

std::vector<TrialDot> DotsOf(const History& history) {
  std::vector<TrialDot> dots;
  for (const TrialRecord& trial : history.trials) {
    dots.push_back({trial.trial.point.Key(), trial.model ? trial.model->usage.latency : 0,
                    trial.outcome.accuracy, trial.trial.rung, trial.outcome.error});
  }
  return dots;
}

Json NumbersOf(std::span<const Number* const> numbers) {
  Json json = Json::array();
  for (const Number* number : numbers) {
    json.push_back({{"name", number->name},
                    {"value", number->value},
                    {"meaning", number->meaning},
                    {"source", number->source},
                    {"data", number->data},
                    {"date", number->date}});
  }
  return json;
}

Expected<void> FillReport(RunServices& run, const OutputInputs& inputs, Report& report) {
  report.title = run.config.model.filename().string();
  report.command = run.command;
  report.config_toml = PrintConfig(run.config);
  report.environment_json = EnvironmentJson(run.machine, run.version);
  report.baseline_training_seconds = BaselineTrainingSeconds(inputs);
  NACRE_TRY(report.cost, CostOfStages(run.store));
  std::vector<std::string> notes = inputs.in.notes;
  notes.insert(notes.end(), inputs.history.notes.begin(), inputs.history.notes.end());
  notes.insert(notes.end(), report.notes.begin(), report.notes.end());
  notes.push_back(fmt::format("peak memory of this session {:.0f} MiB", PeakMebibytes()));
  report.notes = std::move(notes);
  report.trials = DotsOf(inputs.history);
  return {};
}

}  // namespace

std::string EnvironmentJson(const MachineInfo& machine, const std::string& nacre) {
  return Json{{"nacre", nacre},
              {"cpu", machine.cpu},
              {"os", machine.os},
              {"compiler", machine.compiler},
              {"instructions", machine.instructions},
              {"cores", machine.cores},
              {"memory_bytes", machine.memory.count},
              {"governor", machine.governor},
              {"load", machine.load}}
             .dump(2) +
         "\n";
}

std::string NumbersJson() {
  return Json{{"priors", NumbersOf(priors::All())}, {"shares", NumbersOf(shares::All())}}.dump(2) +
         "\n";
}

Expected<void> WriteOutputs(RunServices& run, const OutputInputs& inputs, Report& report) {
  NACRE_CHECK_OK(WriteModels(run, inputs.in, inputs.finalists, report));
  NACRE_CHECK_OK(FillReport(run, inputs, report));
  const std::filesystem::path folder = run.store.folder();
  NACRE_CHECK_OK(WriteFileAtomically(folder / "front.json", FrontJson(report)));
  NACRE_CHECK_OK(WriteFileAtomically(folder / "front.csv", FrontCsv(report)));
  NACRE_CHECK_OK(WriteFileAtomically(folder / "report.json", ReportJson(report)));
  return WriteFileAtomically(folder / "report.html", ReportHtml(report));
}

}  // namespace nacre
