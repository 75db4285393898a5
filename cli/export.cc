// export: one network of a run, ready to deploy.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/artifacts.h"
#include "cli/command.h"
#include "cli/version.h"
#include "pipeline/export_subnet.h"
#include "pipeline/session.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;

constexpr char kFiles[] = "model.onnx, model.int8.onnx, model.xml, model.bin, metrics.json";

struct ExportFlags {
  std::string run, output = "exported", genes;
  int pick = 1;
};

Expected<void> ExportPick(const ExportFlags& flags, bool json) {
  NACRE_TRY(const Report report, ReadReport(flags.run));
  if (flags.pick < 1 || flags.pick > static_cast<int>(report.front.size())) {
    return Fail(ErrorKind::kUsage, fmt::format("--pick {}: the front has entries 1 to {}",
                                               flags.pick, report.front.size()));
  }
  const FrontEntry& entry = report.front[static_cast<size_t>(flags.pick) - 1];
  const fs::path source = fs::path(flags.run) / entry.path, output = flags.output;
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
    fmt::print("{}\n", nlohmann::json{{"path", output.string()}, {"id", entry.id}}.dump(2));
  } else {
    fmt::print("{}: {}\n", output.string(), kFiles);
  }
  return {};
}

Expected<void> ExportGenes(const ExportFlags& flags, const CommandLine& line) {
  NACRE_TRY(const std::vector<int> genes, ParseGenes(flags.genes));
  NACRE_TRY(const auto run, Run::Open(flags.run, Run::Mode::kResume));
  RunConfig config;
  NACRE_CHECK_OK(ReadConfigFile(fs::path(flags.run) / "config.resolved.toml", config));
  const auto progress = line.json ? MakeSilentProgress() : MakeTerminalProgress(SteadyClock());
  const SessionOptions options{
      .config = config, .budgets = {config.budget}, .command = line.text, .version = Version()};
  NACRE_TRY(const auto session, Session::Start(*run, *progress, options));
  NACRE_TRY(const ExportedSubnet exported, ExportSubnet(session->services(), genes, flags.output));
  if (line.json) {
    fmt::print("{}\n", nlohmann::json{{"path", flags.output},
                                      {"genes", genes},
                                      {"accuracy_select", exported.accuracy},
                                      {"int8_accuracy_select", exported.int8_accuracy},
                                      {"speedup_over_int8", exported.over_int8}}
                           .dump(2));
    return {};
  }
  fmt::print("{:.2f}x over INT8, {:.2f} % in INT8, {:.2f} % in FP32 on the images that select\n",
             exported.over_int8, 100 * exported.int8_accuracy, 100 * exported.accuracy);
  fmt::print("{}: {}\n", flags.output, kFiles);
  return {};
}

}  // namespace

void AddExport(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("export", "write one network of a run, ready to deploy");
  auto flags = std::make_shared<ExportFlags>();
  command->add_option("RUN", flags->run, "the run folder")->required();
  CLI::Option* pick = command->add_option("--pick", flags->pick, "rank in the front; 1 is the best")
                          ->capture_default_str();
  command
      ->add_option("--genes", flags->genes,
                   "any sub-network of a super-network, as subnets.json names it: 0,2,1,0")
      ->excludes(pick);
  command->add_option("-o,--output", flags->output, "folder to write to")->capture_default_str();
  command->callback([&line, flags] {
    line.chosen = [&line, flags] {
      return flags->genes.empty() ? ExportPick(*flags, line.json) : ExportGenes(*flags, line);
    };
  });
}

}  // namespace nacre
