#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cost/profile.h"
#include "graph/blocks.h"
#include "graph/shapes.h"
#include "onnx/onnx.h"
#include "target/remote.h"

namespace nacre {
namespace {

struct InspectOptions {
  std::string model, target = "cpu:int8,threads=1,batch=1";
};

// Microseconds of each block on the target; -1 where it cannot be timed alone.
std::vector<double> TimeBlocks(const Network& network, const std::vector<Block>& blocks,
                               const Target& target) {
  std::vector<Network> fragments;
  for (const Block& block : blocks)
    fragments.push_back(Extract(network, block.input, block.output));
  LatencyTable table;
  std::vector<double> times(blocks.size(), -1);
  if (!Extend(table, fragments, TimesOn(target))) return times;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const auto entry = table.entries.find(StructuralHash(fragments[i]));
    if (entry != table.entries.end()) times[i] = entry->second;
  }
  return times;
}

Expected<void> Inspect(const InspectOptions& options, bool json) {
  NACRE_TRY(const Target target, Target::Parse(options.target));
  NACRE_TRY(const MachineInfo machine, InspectTarget(target));
  NACRE_CHECK_OK(CheckServes(machine, target));
  NACRE_TRY(const Network network, ReadOnnx(options.model));
  NACRE_TRY(const Cost cost, CostOf(network));
  NACRE_TRY(const auto blocks, FindBlocks(network));
  const auto times = TimeBlocks(network, blocks, target);
  nlohmann::json rows = nlohmann::json::array(), frozen = nlohmann::json::array();
  for (const Node& node : network.nodes) {
    if (node.opaque()) frozen.push_back({{"node", node.name}, {"reason", node.frozen_reason}});
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Block& b = blocks[i];
    rows.push_back({{"block", b.name},
                    {"kind", b.kind},
                    {"input", b.input_shape},
                    {"output", b.output_shape},
                    {"stage", b.stage},
                    {"macs", b.macs},
                    {"latency_us", times[i]},
                    {"trainable", b.trainable}});
  }
  if (json) {
    fmt::print("{}\n", nlohmann::json{{"model", options.model},
                                      {"macs", cost.macs},
                                      {"parameters", cost.parameters},
                                      {"blocks", rows},
                                      {"frozen", frozen}}
                           .dump(2));
    return {};
  }
  fmt::print("{}: {:.1f} M multiply-accumulates, {:.2f} M parameters, {} blocks\n\n", options.model,
             cost.macs / 1e6, cost.parameters / 1e6, blocks.size());
  fmt::print("{:<6} {:<12} {:>5} {:<18} {:>9} {:>10}\n", "block", "kind", "stage", "output", "MMAC",
             "us");
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Block& b = blocks[i];
    fmt::print("{:<6} {:<12} {:>5} {:<18} {:>9.2f} {:>10}{}\n", b.name, b.kind, b.stage,
               ToString(b.output_shape), b.macs / 1e6,
               times[i] < 0 ? "-" : fmt::format("{:.1f}", times[i]), b.trainable ? "" : "  frozen");
  }
  for (const auto& each : frozen) {
    fmt::print("frozen: {} ({})\n", each["node"].get<std::string>(),
               each["reason"].get<std::string>());
  }
  return {};
}

}  // namespace

void AddInspect(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "inspect", "blocks, what each costs on the target, what is frozen and why");
  auto options = std::make_shared<InspectOptions>();
  command->add_option("MODEL", options->model, "an ONNX file")->required();
  command->add_option("--target", options->target, "cpu:int8,threads=1,batch=1")
      ->capture_default_str();
  command->callback([&line, options] {
    line.chosen = [&line, options] { return Inspect(*options, line.json); };
  });
}

}  // namespace nacre
