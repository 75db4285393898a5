#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

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

// Microseconds of each block on the target; nothing for a block that cannot be timed alone.
std::vector<std::optional<double>> TimeBlocks(const Network& network,
                                              const std::vector<Block>& blocks,
                                              const Target& target) {
  std::vector<Network> fragments;
  for (const Block& block : blocks)
    fragments.push_back(Extract(network, block.input, block.output));
  LatencyTable table;
  std::vector<std::optional<double>> times(blocks.size());
  if (!Extend(table, fragments, TimesOn(target))) return times;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const auto entry = table.entries.find(StructuralHash(fragments[i]));
    if (entry != table.entries.end()) times[i] = entry->second;
  }
  return times;
}

struct Inspection {
  std::string model;
  Cost cost;
  std::vector<Block> blocks;
  std::vector<std::optional<double>> times;  // of the blocks, microseconds
  std::vector<Node> frozen;                  // nodes that nacre leaves as they are
};

void PrintJson(const Inspection& inspection) {
  nlohmann::json rows = nlohmann::json::array(), frozen = nlohmann::json::array();
  for (const Node& node : inspection.frozen)
    frozen.push_back({{"node", node.name}, {"reason", node.frozen_reason}});
  for (size_t i = 0; i < inspection.blocks.size(); ++i) {
    const Block& b = inspection.blocks[i];
    rows.push_back({{"block", b.name},
                    {"kind", b.kind},
                    {"input", b.input_shape},
                    {"output", b.output_shape},
                    {"stage", b.stage},
                    {"macs", b.macs},
                    {"latency_us", inspection.times[i].value_or(-1)},
                    {"trainable", b.trainable}});
  }
  fmt::print("{}\n", nlohmann::json{{"model", inspection.model},
                                    {"macs", inspection.cost.macs},
                                    {"parameters", inspection.cost.parameters},
                                    {"blocks", rows},
                                    {"frozen", frozen}}
                         .dump(2));
}

void PrintTable(const Inspection& inspection) {
  fmt::print("{}: {:.1f} M multiply-accumulates, {:.2f} M parameters, {} blocks\n\n",
             inspection.model, inspection.cost.macs / 1e6, inspection.cost.parameters / 1e6,
             inspection.blocks.size());
  fmt::print("{:<6} {:<12} {:>5} {:<18} {:>9} {:>10}\n", "block", "kind", "stage", "output", "MMAC",
             "us");
  for (size_t i = 0; i < inspection.blocks.size(); ++i) {
    const Block& b = inspection.blocks[i];
    const auto& time = inspection.times[i];
    fmt::print("{:<6} {:<12} {:>5} {:<18} {:>9.2f} {:>10}{}\n", b.name, b.kind, b.stage,
               ToString(b.output_shape), b.macs / 1e6, time ? fmt::format("{:.1f}", *time) : "-",
               b.trainable ? "" : "  frozen");
  }
  for (const Node& node : inspection.frozen)
    fmt::print("frozen: {} ({})\n", node.name, node.frozen_reason);
}

Expected<void> Inspect(const InspectOptions& options, bool json) {
  NACRE_TRY(const Target target, Target::Parse(options.target));
  NACRE_TRY(const MachineInfo machine, InspectTarget(target));
  NACRE_CHECK_OK(CheckServes(machine, target));
  NACRE_TRY(const Network network, ReadOnnx(options.model));
  Inspection inspection{.model = options.model};
  NACRE_TRY(inspection.cost, CostOf(network));
  NACRE_TRY(inspection.blocks, FindBlocks(network));
  inspection.times = TimeBlocks(network, inspection.blocks, target);
  for (const Node& node : network.nodes) {
    if (node.opaque()) inspection.frozen.push_back(node);
  }
  if (json)
    PrintJson(inspection);
  else
    PrintTable(inspection);
  return {};
}

}  // namespace

void AddInspect(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "inspect",
      "show the blocks of a model, their latency on the target, and what is frozen and why");
  auto options = std::make_shared<InspectOptions>();
  command->add_option("MODEL", options->model, "an ONNX file")->required();
  command->add_option("--target", options->target, "cpu:int8,threads=1,batch=1")
      ->capture_default_str();
  command->callback([&line, options] {
    line.chosen = [&line, options] { return Inspect(*options, line.json); };
  });
}

}  // namespace nacre
