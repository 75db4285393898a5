#include "cli/run.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/interrupt.h"
#include "base/log.h"
#include "cli/version.h"
#include "engine/rounds.h"
#include "pipeline/accept.h"
#include "pipeline/method.h"
#include "pipeline/outputs.h"
#include "pipeline/session.h"
#include "pipeline/stored_supernet.h"
#include "store/write_file.h"
#include "target/remote.h"

namespace nacre {
namespace {

// Reports where the earlier session was another nacre's or on another machine, as environment.json,
// which is of that session still, says.
void CompareSessions(const Run& run, const std::string& environment) {
  std::ifstream file(run.folder() / "environment.json");
  const auto before = nlohmann::json::parse(file, nullptr, false);
  const auto now = nlohmann::json::parse(environment);
  const auto differs = [&](const char* what) {
    return before.is_object() && before.contains(what) && before[what].is_string() &&
           before[what] != now[what];
  };
  const auto warn = [&](const char* what, const char* name, const char* effect) {
    if (!differs(what)) return;
    Warn(fmt::format("{} was {} when this run was last worked on, now it is {}: {}", name,
                     before[what].get<std::string>(), now[what].get<std::string>(), effect));
  };
  const char* measured = "latencies are measured again, and trials that depend on them retrained";
  warn("nacre", "nacre", "trials that this version chooses differently are retrained");
  warn("cpu", "the CPU", measured);
  warn("compiler", "the compiler", measured);
}

// The results on standard output.
void Print(const Report& report, const std::filesystem::path& folder, bool json) {
  fmt::print("{}\n", json ? FrontJson(report) : ReportText(report));
  if (!json) fmt::print("report: {}\n", (folder / "report.html").string());
}

Expected<void> WorkOn(Run& run, RunConfig config, std::optional<Seconds> wanted, Seconds spent,
                      const CommandLine& line) {
  SetInterruptAdvice("interrupted; go on with: nacre resume " + run.folder().string());
  NACRE_TRY(const std::vector<Seconds> budgets, PlanBudgets(run, config.budget, wanted));
  config.budget = budgets.back();
  if (spent > Seconds(0)) {
    Info(
        fmt::format("resuming after {} of {}", PrintDuration(spent), PrintDuration(config.budget)));
  }
  const auto progress = line.json ? MakeSilentProgress() : MakeTerminalProgress(SteadyClock());
  SessionOptions options{.config = std::move(config),
                         .budgets = budgets,
                         .spent = spent,
                         .command = line.text,
                         .version = Version()};
  // For scripts that compare runs (bench/kill_and_resume.py).
  if (const char* recording = std::getenv("NACRE_RECORDING")) options.recording = recording;
  NACRE_TRY(const auto session, Session::Start(run, *progress, options));
  RunServices& services = session->services();
  const std::string environment = EnvironmentJson(services.machine, services.version);
  CompareSessions(run, environment);
  NACRE_CHECK_OK(WriteFileAtomically(run.folder() / "environment.json", environment));
  NACRE_TRY(const Report report, RunMethod(services));
  NACRE_CHECK_OK(EndBudget(run));
  Print(report, run.folder(), line.json);
  return CheckMet(services, report);
}

Expected<void> CheckModelExists(const RunConfig& config) {
  if (std::filesystem::exists(config.model)) return {};
  return Fail(ErrorKind::kModel, fmt::format("no such model file: {}", config.model.string()));
}

// All that can be refused before a run folder is created. Completes the target.
Expected<void> Check(RunConfig& config) {
  NACRE_CHECK_OK(CheckConfig(config));
  NACRE_CHECK_OK(FindMethod(config.method));
  if (!config.supernet.empty()) NACRE_CHECK_OK(CheckHasSupernet(config.supernet));
  NACRE_CHECK_OK(CheckFirstBudget(config.budget, "search.budget ="));
  NACRE_TRY(const MachineInfo machine, InspectTarget(config.target));
  if (CompleteTarget(config, machine.cores)) Info("throughput on " + config.target.ToString());
  NACRE_CHECK_OK(CheckServes(machine, config.target));
  return CheckModelExists(config);
}

// Model, data, configuration or target were refused before anything worth keeping was done, that is
// before the baselines were measured: the corrected command is to find its folder free.
bool IsRefusal(Run& run, const Error& error) {
  const bool refused = error.kind == ErrorKind::kUsage || error.kind == ErrorKind::kModel ||
                       error.kind == ErrorKind::kData || error.kind == ErrorKind::kTarget;
  const auto stage = run.Note(kLastStageNote);
  return refused && stage && (!*stage || **stage == "ingest");
}

// The folder and those above it that do not exist yet, itself first.
std::vector<std::filesystem::path> MissingOf(std::filesystem::path folder) {
  std::vector<std::filesystem::path> missing;
  folder = std::filesystem::absolute(folder).lexically_normal();
  for (; !folder.empty() && !std::filesystem::exists(folder); folder = folder.parent_path())
    missing.push_back(folder);
  return missing;
}

// Removes what the run wrote, and the folders that it made and nobody else uses.
void ClearFolder(const std::filesystem::path& folder,
                 const std::vector<std::filesystem::path>& made) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    std::filesystem::remove_all(entry.path(), ignored);
  }
  for (const auto& each : made) std::filesystem::remove(each, ignored);  // only if it is empty
}

}  // namespace

Expected<void> OptimizeFresh(RunConfig config, const CommandLine& line) {
  NACRE_CHECK_OK(Check(config));
  const auto missing = MissingOf(config.run);
  NACRE_TRY(auto run, Run::Open(config.run, Run::Mode::kFresh));
  for (std::filesystem::path* path : PathsOf(config)) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).lexically_normal();
  }
  NACRE_CHECK_OK(WriteFileAtomically(run->folder() / "config.resolved.toml", PrintConfig(config)));
  auto done = WorkOn(*run, config, {}, Seconds(0), line);
  if (!done && IsRefusal(*run, done.error())) {
    run.reset();
    ClearFolder(config.run, missing);
  }
  return done;
}

Expected<void> PrintPlan(RunConfig config, const CommandLine& line) {
  NACRE_CHECK_OK(Check(config));
  NACRE_TRY(const Method* method, FindMethod(config.method));
  NACRE_TRY(const std::vector<PlannedJobs> jobs, method->plan(config));
  if (line.json) {
    nlohmann::json rows = nlohmann::json::array();
    for (const PlannedJobs& each : jobs) {
      rows.push_back({{"stage", each.stage},
                      {"kind", each.kind},
                      {"least", each.least},
                      {"most", each.most},
                      {"estimated_seconds", each.estimated.count()}});
    }
    fmt::print("{}\n", rows.dump(2));
    return {};
  }
  Seconds total{0};
  fmt::print("{:<10} {:<10} {:>9} {:>10}\n", "stage", "kind", "jobs", "about");
  for (const PlannedJobs& each : jobs) {
    const std::string count = each.least == each.most
                                  ? fmt::format("{}", each.most)
                                  : fmt::format("{} to {}", each.least, each.most);
    fmt::print("{:<10} {:<10} {:>9} {:>9.0f}s\n", each.stage, each.kind, count,
               each.estimated.count());
    total += each.estimated;
  }
  fmt::print("about {} of a budget of {}; nothing was measured, trained or written\n",
             PrintDuration(Seconds(std::round(total.count()))), PrintDuration(config.budget));
  return {};
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
  return WorkOn(*run, config, wanted, Seconds(spent ? std::stod(*spent) : 0.0), line);
}

}  // namespace nacre
