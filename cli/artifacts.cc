// status, report: reading what a run has written.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/read_file.h"
#include "cli/artifacts.h"
#include "cli/command.h"
#include "report/report.h"
#include "store/run.h"
#include "store/write_file.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;

Expected<std::string> ReadText(const fs::path& path, const std::string& remedy) {
  auto text = ReadWholeFile(path);
  if (text) return text;
  return Fail(ErrorKind::kUsage, fmt::format("cannot read {}: {}", path.string(), remedy));
}

}  // namespace

Expected<Report> ReadReport(const fs::path& run) {
  const fs::path path = run / "report.json";
  NACRE_TRY(const std::string text,
            ReadText(path, "the run has not ended; continue it with nacre resume " + run.string()));
  auto report = ReportFromJson(text);
  if (report) return report;
  return Fail(report.error().kind,
              fmt::format("{}: {}; nacre resume {} writes it again", path.string(),
                          report.error().message, run.string()));
}

namespace {

// How far a run has come, from its events.
struct RunStatus {
  std::string last_stage = "none";  // the last one that has finished
  int64_t jobs = 0, failed = 0;
  bool in_round = false;  // a budget has been planned and not yet used up
};

void Count(const nlohmann::json& event, RunStatus& status) {
  const std::string kind = event.value("event", "");
  if (kind == "stage") status.last_stage = event.value("stage", "");
  if (kind == "budget") status.in_round = true;
  if (kind == "ended") status.in_round = false;
  if (kind != "job") return;
  ++status.jobs;
  if (!event.value("error", "").empty()) ++status.failed;
}

RunStatus ReadStatus(const std::string& events) {
  RunStatus status;
  std::stringstream lines(events);
  for (std::string text; std::getline(lines, text);) {
    const auto event = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (event.is_object()) Count(event, status);  // a kill may have cut the last line
  }
  return status;
}

Expected<void> ShowStatus(const fs::path& run, bool json) {
  NACRE_TRY(const std::string events, ReadText(run / "events.jsonl", "this is not a run folder"));
  const RunStatus status = ReadStatus(events);
  const bool has_ended = fs::exists(run / "report.json") && !status.in_round;
  if (json) {
    fmt::print("{}\n", nlohmann::json{{"ended", has_ended},
                                      {"last_stage_done", status.last_stage},
                                      {"jobs", status.jobs},
                                      {"failed", status.failed}}
                           .dump(2));
  } else {
    fmt::print("{}: {}; last finished stage: {}; {} jobs, {} failed\n", run.string(),
               has_ended ? "ended" : "not ended", status.last_stage, status.jobs, status.failed);
  }
  return {};
}

Expected<void> Rerender(const fs::path& run, bool json) {
  NACRE_TRY(const Report report, ReadReport(run));
  NACRE_CHECK_OK(WriteFileAtomically(run / "report.html", ReportHtml(report)));
  fmt::print("{}\n", json ? FrontJson(report) : ReportText(report));
  if (!json) fmt::print("report: {}\n", (run / "report.html").string());
  return {};
}

}  // namespace

void AddStatus(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("status", "show how far a run has come");
  auto run = std::make_shared<std::string>();
  command->add_option("RUN", *run, "the run folder")->required();
  command->callback(
      [&line, run] { line.chosen = [&line, run] { return ShowStatus(*run, line.json); }; });
}

void AddReport(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      app.add_subcommand("report", "show the results of a run and write its report.html again");
  auto run = std::make_shared<std::string>();
  command->add_option("RUN", *run, "the run folder")->required();
  command->callback(
      [&line, run] { line.chosen = [&line, run] { return Rerender(*run, line.json); }; });
}

}  // namespace nacre
