#include "cli/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/log.h"
#include "base/progress.h"
#include "cli/command.h"
#include "cost/profile.h"
#include "cost/usage.h"
#include "graph/operations.h"
#include "onnx/onnx.h"
#include "store/write_file.h"
#include "target/measure.h"
#include "target/profile_layers.h"
#include "target/remote.h"

namespace nacre {
namespace {

struct InspectOptions {
  std::string model, html;
  SettingFlags settings;  // --target among them
};

// The operations of a block that have no gradient, or that nacre does not know.
std::string WhyItStays(const Network& network, const Block& block) {
  if (block.kind == "tail") return "it leads to several outputs";
  if (block.trainable) return "";
  std::set<std::string> reasons;
  for (const size_t i : block.nodes) {
    const Node& node = network.nodes[i];
    if (node.opaque()) {
      reasons.insert(node.frozen_reason);
    } else if (!TraitsOf(node.op).trainable) {
      reasons.insert(node.op + " cannot be trained");
    }
  }
  std::string text;
  for (const std::string& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text.empty() ? "holds an operation that cannot be trained" : text;
}

// The block of each node, by the node's name and by its outputs.
std::map<std::string, size_t> BlockOfNames(const Network& network,
                                           const std::vector<Block>& blocks) {
  std::map<std::string, size_t> of;
  for (size_t b = 0; b < blocks.size(); ++b) {
    for (const size_t i : blocks[b].nodes) {
      of[network.nodes[i].name] = b;
      for (const std::string& output : network.nodes[i].outputs) of[output] = b;
    }
  }
  return of;
}

// The time of each block, so that all of them add up to `whole`. What the compiler adds between
// blocks is shared out.
void ShareOut(const std::vector<LayerTime>& layers, const Network& network, double whole,
              std::vector<InspectedBlock>& inspected) {
  std::vector<Block> blocks;
  for (const InspectedBlock& each : inspected) blocks.push_back(each.block);
  const auto of = BlockOfNames(network, blocks);
  std::vector<double> sums(blocks.size(), 0);
  double all = 0;
  for (const LayerTime& layer : layers) {
    std::map<size_t, int> votes;
    for (const std::string& name : layer.names) {
      const auto found = of.find(name);
      if (found != of.end()) ++votes[found->second];
    }
    if (votes.empty()) continue;
    const auto most =
        std::max_element(votes.begin(), votes.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    sums[most->first] += layer.microseconds;
    all += layer.microseconds;
  }
  if (all <= 0) return;
  for (size_t b = 0; b < blocks.size(); ++b) inspected[b].microseconds = whole * sums[b] / all;
}

// Of the core; what the target or the compiler cannot do is a note.
void Time(const Network& network, const Target& target, Inspection& inspection) {
  if (const auto reason = WhyTooLongToCompile(network)) {
    inspection.notes.push_back("it was not timed: " + reason->message);
    return;
  }
  const auto whole = TimesOn(target)({network});
  if (!whole.at(0)) {
    inspection.notes.push_back("it was not timed: " + whole.at(0).error().message);
    return;
  }
  inspection.microseconds = *whole[0];
  if (!target.host.empty()) return;
  const auto layers =
      ProfileLayers(AsDeployed(network, target), {target.precision, target.threads, target.batch});
  if (!layers) {
    inspection.notes.push_back("blocks were not timed: " + layers.error().message);
    return;
  }
  ShareOut(*layers, network, *inspection.microseconds, inspection.blocks);
}

Expected<Inspection> Inspect(const InspectOptions& options, Progress& progress) {
  RunConfig config;
  NACRE_CHECK_OK(ApplySettings(options.settings, config));
  const Target& target = config.target;
  NACRE_TRY(const MachineInfo machine, InspectTarget(target));
  NACRE_CHECK_OK(CheckServes(machine, target));
  NACRE_TRY(const Network network, ReadOnnx(options.model));
  progress.Stage("inspect");
  Inspection inspection{.model = options.model, .target = target.ToString()};
  inspection.disturbances = FindDisturbances(machine);
  NACRE_TRY(const Core core, FindCore(network, {.output = config.output,
                                                .height = config.preprocess.height,
                                                .width = config.preprocess.width}));
  inspection.notes = core.notes;
  // The file's own sizes may be open.
  auto cost = CostOf(network);
  if (!cost) cost = CostOf(core.network);
  NACRE_TRY(inspection.cost, cost);
  NACRE_TRY(const std::vector<Block> blocks, FindBlocks(core.network));
  for (const Block& block : blocks)
    inspection.blocks.push_back({block, {}, WhyItStays(core.network, block)});
  progress.Update(0.3, "timing");
  Time(core.network, target, inspection);
  if (inspection.microseconds) {
    inspection.reach =
        InspectReach(core.network, target, Fingerprint(machine, target), *inspection.microseconds);
  }
  if (config.method == "bootstrap") {
    progress.Update(0.8, "looking for what is elastic");
    NACRE_TRY(inspection.elasticity, InspectElasticity(core.network, target));
  }
  progress.Update(1, "timed");
  return inspection;
}

Expected<void> WritePage(const Inspection& inspection, const std::string& path) {
  const auto written = WriteFileAtomically(path, InspectionHtml(inspection));
  if (!written) return Fail(ErrorKind::kUsage, written.error().message);
  Info(path + " has the page");
  return {};
}

}  // namespace

void AddInspect(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "inspect",
      "show the blocks of a model, where its time goes, and what stays as it is and why");
  auto options = std::make_shared<InspectOptions>();
  command->add_option("MODEL", options->model, "an ONNX file")->required();
  command->add_option("--html", options->html, "also write a page with a drawing of the blocks");
  AddTargetFlag(*command, options->settings);
  AddSomeSettings(*command, options->settings,
                  {"data.preprocess.size", "model.output", "search.method"});
  command->callback([&line, options] {
    line.chosen = [&line, options]() -> Expected<void> {
      const auto progress = line.json ? MakeSilentProgress() : MakeTerminalProgress(SteadyClock());
      NACRE_TRY(const Inspection inspection, Inspect(*options, *progress));
      PrintInspection(inspection, line.json);
      if (options->html.empty()) return {};
      return WritePage(inspection, options->html);
    };
  });
}

}  // namespace nacre
