// status, report, export: reading what a run left.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/command.h"
#include "report/report.h"
#include "store/run.h"
#include "store/write_file.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;

Expected<std::string> ReadText(const fs::path& path, const std::string& cure) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return Fail(ErrorKind::kUsage, fmt::format("cannot read {}: {}", path.string(), cure));
  return text.str();
}

Expected<Report> ReadReport(const fs::path& run) {
  NACRE_TRY(const std::string text,
            ReadText(run / "report.json",
                     "the run has not ended; nacre resume " + run.string() + " goes on with it"));
  return ReportFromJson(text);
}

Expected<void> Status(const fs::path& run, bool json) {
  NACRE_TRY(const std::string events, ReadText(run / "events.jsonl", "this is no run folder"));
  std::string stage = "none", last = "{}";
  bool under_way = false;  // a round
  int64_t jobs = 0, failed = 0;
  std::stringstream lines(events);
  for (std::string text; std::getline(lines, text);) {
    const auto event = nlohmann::json::parse(text, nullptr, false);
    if (event.is_discarded()) continue;
    if (event.value("event", "") == "stage") stage = event.value("stage", "");
    if (event.value("event", "") == "budget") under_way = true;
    if (event.value("event", "") == "ended") under_way = false;
    if (event.value("event", "") == "job") {
      ++jobs;
      failed += event.value("error", "").empty() ? 0 : 1;
    }
    last = text;
  }
  const bool ended = fs::exists(run / "report.json") && !under_way;
  if (json) {
    fmt::print("{}\n",
               nlohmann::json{
                   {"ended", ended}, {"last_stage_done", stage}, {"jobs", jobs}, {"failed", failed}}
                   .dump(2));
  } else {
    fmt::print("{}: {}; last stage done: {}; {} jobs, {} failed\n", run.string(),
               ended ? "ended" : "not ended", stage, jobs, failed);
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

Expected<void> ExportModel(const fs::path& run, int pick, const fs::path& output, bool json) {
  NACRE_TRY(const Report report, ReadReport(run));
  if (pick < 1 || pick > static_cast<int>(report.front.size())) {
    return Fail(ErrorKind::kUsage,
                fmt::format("--pick {}: the front has entries 1 to {}", pick, report.front.size()));
  }
  const fs::path source = run / report.front[pick - 1].path;
  std::error_code failed;
  fs::create_directories(output, failed);
  if (!failed) {
    fs::copy(source, output, fs::copy_options::recursive | fs::copy_options::overwrite_existing,
             failed);
  }
  if (failed) {
    return Fail(ErrorKind::kInternal, fmt::format("cannot copy {} to {}: {}", source.string(),
                                                  output.string(), failed.message()));
  }
  if (json) {
    fmt::print(
        "{}\n",
        nlohmann::json{{"path", output.string()}, {"id", report.front[pick - 1].id}}.dump(2));
  } else {
    fmt::print("{}: model.onnx, model.int8.onnx, model.xml, model.bin, metrics.json\n",
               output.string());
  }
  return {};
}

}  // namespace

void AddStatus(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("status", "how far a run is");
  auto run = std::make_shared<std::string>();
  command->add_option("RUN", *run, "the run folder")->required();
  command->callback(
      [&line, run] { line.chosen = [&line, run] { return Status(*run, line.json); }; });
}

void AddReport(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("report", "the results of a run; writes report.html anew");
  auto run = std::make_shared<std::string>();
  command->add_option("RUN", *run, "the run folder")->required();
  command->callback(
      [&line, run] { line.chosen = [&line, run] { return Rerender(*run, line.json); }; });
}

void AddExport(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      app.add_subcommand("export", "copy one network of the front, ready to deploy");
  auto run = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>("exported");
  auto pick = std::make_shared<int>(1);
  command->add_option("RUN", *run, "the run folder")->required();
  command->add_option("--pick", *pick, "rank in the front, 1 is the best")->capture_default_str();
  command->add_option("-o,--output", *output, "folder to copy to")->capture_default_str();
  command->callback([&line, run, pick, output] {
    line.chosen = [&line, run, pick, output] {
      return ExportModel(*run, *pick, *output, line.json);
    };
  });
}

}  // namespace nacre
