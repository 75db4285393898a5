#include "cli/run.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/log.h"
#include "cli/version.h"
#include "engine/rounds.h"
#include "pipeline/context.h"
#include "pipeline/outputs.h"
#include "store/write_file.h"
#include "target/remote.h"

namespace nacre {
namespace {

Expected<void> CheckBudget(const RunConfig& config) {
  if (config.budget >= kLeastBudget) return {};
  return Fail(ErrorKind::kUsage,
              fmt::format("search.budget = {}: nothing can be trained in that; give at least {}",
                          PrintDuration(config.budget), PrintDuration(kLeastBudget)));
}

// Says where the sitting before was another nacre's or on another machine; environment.json still
// tells of that one.
void CompareSittings(const Run& run, const std::string& environment) {
  std::ifstream file(run.folder() / "environment.json");
  const auto before = nlohmann::json::parse(file, nullptr, false),
             now = nlohmann::json::parse(environment);
  const auto differs = [&](const char* what) {
    return before.is_object() && before.contains(what) && before[what].is_string() &&
           before[what] != now[what];
  };
  const auto tell = [&](const char* what, const char* name, const char* effect) {
    if (!differs(what)) return;
    Warn(fmt::format("{} was {} when this run was last worked on, now it is {}: {}", name,
                     before[what].get<std::string>(), now[what].get<std::string>(), effect));
  };
  tell("nacre", "nacre", "where they choose other trials, those are trained anew");
  tell("cpu", "the CPU", "latencies are measured anew, and what they lead to is trained");
  tell("compiler", "the compiler", "latencies are measured anew, and what they lead to is trained");
}

Expected<void> Drive(Run& run, RunConfig config, std::optional<Seconds> wanted, Seconds spent,
                     const CommandLine& line) {
  NACRE_TRY(const std::vector<Seconds> budgets, PlanBudgets(run, config.budget, wanted));
  config.budget = budgets.back();
  if (spent > Seconds(0))
    Info(
        fmt::format("resuming after {} of {}", PrintDuration(spent), PrintDuration(config.budget)));
  auto compiler = MakeOpenVinoCompiler();
  auto progress = line.json ? MakeSilentProgress() : MakeTerminalProgress(SteadyClock());
  Budget budget(SteadyClock(), config.budget, spent);
  progress->SetDeadline(budget.At(1));
  Context context;
  context.config = config;
  context.budgets = budgets;
  context.command = line.text;
  context.version = Version();
  context.run = &run;
  context.compiler = compiler.get();
  context.progress = progress.get();
  context.budget = &budget;
  const MachineInfo here = InspectMachine();
  context.cores = here.cores;
  context.bf16 = here.HasBf16();
  NACRE_TRY(context.machine, InspectTarget(config.target));
  NACRE_CHECK_OK(CheckServes(context.machine, config.target));
  const std::string environment = EnvironmentJson(context.machine, context.version);
  CompareSittings(run, environment);
  NACRE_CHECK_OK(WriteFileAtomically(run.folder() / "environment.json", environment));
  const auto done = RunStages(context);
  if (!context.report.front.empty()) {
    NACRE_CHECK_OK(EndBudget(run));
    const std::string text = line.json ? FrontJson(context.report) : ReportText(context.report);
    fmt::print("{}\n", text);
    if (!line.json) fmt::print("report: {}\n", (run.folder() / "report.html").string());
  }
  return done;
}

}  // namespace

Expected<void> OptimizeFresh(RunConfig config, const CommandLine& line) {
  NACRE_CHECK_OK(CheckConfig(config));
  NACRE_CHECK_OK(CheckBudget(config));
  NACRE_TRY(const MachineInfo machine, InspectTarget(config.target));
  if (CompleteTarget(config, machine.cores)) Info("throughput on " + config.target.ToString());
  NACRE_CHECK_OK(CheckServes(machine, config.target));
  if (!std::filesystem::exists(config.model)) {
    return Fail(ErrorKind::kModel, fmt::format("no such model file: {}", config.model.string()));
  }
  NACRE_TRY(const auto run, Run::Open(config.run, Run::Mode::kFresh));
  RunConfig absolute = config;
  for (auto* path :
       {&absolute.model, &absolute.train, &absolute.validation, &absolute.test, &absolute.run}) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).lexically_normal();
  }
  NACRE_CHECK_OK(
      WriteFileAtomically(run->folder() / "config.resolved.toml", PrintConfig(absolute)));
  return Drive(*run, absolute, {}, Seconds(0), line);
}

Expected<void> ResumeRun(const std::filesystem::path& folder, const std::string& budget,
                         const CommandLine& line) {
  NACRE_TRY(const auto run, Run::Open(folder, Run::Mode::kResume));
  RunConfig config;
  NACRE_CHECK_OK(ReadConfigFile(folder / "config.resolved.toml", config));
  std::optional<Seconds> wanted;
  if (!budget.empty()) {
    NACRE_TRY(wanted, ParseDuration(budget));
  }
  NACRE_TRY(const auto spent, run->Note("spent"));
  return Drive(*run, config, wanted, Seconds(spent ? std::stod(*spent) : 0.0), line);
}

}  // namespace nacre
