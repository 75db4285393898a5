#include "cli/command.h"
#include "cli/run.h"

namespace nacre {

void AddOptimize(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "optimize", "optimize a network: baselines, search, training, INT8, acceptance, report");
  auto model = std::make_shared<std::string>();
  auto flags = std::make_shared<SettingFlags>();
  command->add_option("MODEL", *model,
                      "an ONNX file, or a run file (.toml); with --supernet it may be left out");
  AddSettingFlags(*command, *flags);
  auto dry_run = std::make_shared<bool>(false);
  command->add_flag("--dry-run", *dry_run,
                    "list the jobs of such a run with their estimated time, and do none of them");
  command->footer(
      "Example: nacre optimize model.onnx --data images --mean 0.485,0.456,0.406 \\\n"
      "           --std 0.229,0.224,0.225 --budget 2h --out runs/first");
  command->callback([&line, model, flags, dry_run] {
    line.chosen = [&line, model, flags, dry_run]() -> Expected<void> {
      NACRE_TRY(const RunConfig config, ConfigFrom(*model, *flags));
      return *dry_run ? PrintPlan(config, line) : OptimizeFresh(config, line);
    };
  });
}

void AddResume(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "resume", "continue a run that was interrupted, or extend one that has ended");
  auto run = std::make_shared<std::string>();
  auto budget = std::make_shared<std::string>();
  command->add_option("RUN", *run, "the run folder")->required();
  command->add_option(
      "--budget", *budget,
      "a new total, including the time already spent; a run that has ended continues from its "
      "results");
  command->callback([&line, run, budget] {
    line.chosen = [&line, run, budget] { return ResumeRun(*run, *budget, line); };
  });
}

}  // namespace nacre
