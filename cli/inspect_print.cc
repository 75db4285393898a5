#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "cli/inspect.h"
#include "report/model_page.h"

namespace nacre {
namespace {

// Empty where a block has several outputs, or where an opaque node hides its shape.
std::string OutputOf(const Block& block) {
  return block.output_shape.empty() ? "" : ToString(block.output_shape);
}

double WeightOf(const Inspection& inspection, const InspectedBlock& each) {
  return inspection.microseconds ? each.microseconds.value_or(0)
                                 : static_cast<double>(each.block.macs);
}

nlohmann::json ElasticityJson(const InspectedElasticity& elasticity) {
  nlohmann::json dimensions = nlohmann::json::array();
  for (const ElasticDimension& each : elasticity.dimensions) {
    dimensions.push_back({{"kind", Name(each.kind)}, {"name", each.name}, {"values", each.values}});
  }
  nlohmann::json json{{"dimensions", dimensions},
                      {"log10_subnets", elasticity.log_size},
                      {"smallest_macs", elasticity.smallest.macs},
                      {"smallest_parameters", elasticity.smallest.parameters},
                      {"smallest_speedup", nullptr}};
  if (elasticity.speedup) json["smallest_speedup"] = *elasticity.speedup;
  return json;
}

void PrintElasticity(const InspectedElasticity& elasticity) {
  if (elasticity.dimensions.empty()) {
    fmt::print("\nnothing of it is elastic\n");
    return;
  }
  fmt::print(
      "\nas a super-network: 10^{:.0f} sub-networks; the smallest has {:.1f} M "
      "multiply-accumulates and {:.2f} M parameters{}\n",
      elasticity.log_size, static_cast<double>(elasticity.smallest.macs) / 1e6,
      static_cast<double>(elasticity.smallest.parameters) / 1e6,
      elasticity.speedup ? fmt::format(", and is {:.1f} times as fast", *elasticity.speedup) : "");
  for (const ElasticDimension& each : elasticity.dimensions) {
    if (each.kind == ElasticDimension::Kind::kDepth) {
      fmt::print("  {} may be left out\n", each.name);
      continue;
    }
    fmt::print("  {} {} of {}\n", Name(each.kind), fmt::join(each.values, ", "), each.name);
  }
}

void PrintJson(const Inspection& inspection) {
  nlohmann::json rows = nlohmann::json::array();
  for (const InspectedBlock& each : inspection.blocks) {
    const Block& b = each.block;
    nlohmann::json row{{"block", b.name},        {"kind", b.kind},
                       {"input", b.input_shape}, {"output", b.output_shape},
                       {"stage", b.stage},       {"macs", b.macs},
                       {"latency_us", nullptr},  {"rebuilt", each.reason.empty()},
                       {"reason", each.reason}};
    if (each.microseconds) row["latency_us"] = *each.microseconds;
    rows.push_back(row);
  }
  nlohmann::json json{{"model", inspection.model},
                      {"target", inspection.target},
                      {"macs", inspection.cost.macs},
                      {"nodes_of_unknown_cost", inspection.cost.unknown_nodes},
                      {"parameters", inspection.cost.parameters},
                      {"latency_us", nullptr},
                      {"share_that_can_be_rebuilt", inspection.ShareThatCanBeRebuilt()},
                      {"blocks", rows},
                      {"notes", inspection.notes},
                      {"disturbances", inspection.disturbances}};
  json["fastest_possible_speedup"] = nullptr;
  if (inspection.reach) json["fastest_possible_speedup"] = inspection.reach->speedup;
  if (inspection.microseconds) json["latency_us"] = *inspection.microseconds;
  if (inspection.elasticity) json["elasticity"] = ElasticityJson(*inspection.elasticity);
  fmt::print("{}\n", json.dump(2));
}

void PrintTotals(const Inspection& inspection) {
  const std::string unknown = inspection.cost.unknown_nodes == 0
                                  ? ""
                                  : fmt::format(" (without {} nodes whose shapes are not known)",
                                                inspection.cost.unknown_nodes);
  fmt::print("{}: {:.1f} M multiply-accumulates{}, {:.2f} M parameters, {} blocks\n",
             inspection.model, static_cast<double>(inspection.cost.macs) / 1e6, unknown,
             static_cast<double>(inspection.cost.parameters) / 1e6, inspection.blocks.size());
  if (inspection.microseconds) {
    fmt::print("{:.3f} ms on {}; ", *inspection.microseconds / 1e3, inspection.target);
  }
  fmt::print("{:.0f} % of the {} can be rebuilt\n", 100 * inspection.ShareThatCanBeRebuilt(),
             inspection.microseconds ? "time" : "multiply-accumulates");
  if (inspection.reach) {
    fmt::print(
        "fastest possible by the latency table: {:.1f} times as fast, with no regard to "
        "accuracy\n",
        inspection.reach->speedup);
  }
}

void PrintText(const Inspection& inspection) {
  PrintTotals(inspection);
  fmt::print("\n{:<6} {:<12} {:>5} {:<18} {:>9} {:>10} {:>6}\n", "block", "kind", "stage", "output",
             "MMAC", "us", "share");
  double sum = 0;
  for (const InspectedBlock& each : inspection.blocks) sum += WeightOf(inspection, each);
  for (const InspectedBlock& each : inspection.blocks) {
    const Block& b = each.block;
    const double share = sum > 0 ? WeightOf(inspection, each) / sum : 0;
    fmt::print("{:<6} {:<12} {:>5} {:<18} {:>9.2f} {:>10} {:>4.0f} %{}\n", b.name, b.kind, b.stage,
               OutputOf(b), static_cast<double>(b.macs) / 1e6,
               each.microseconds ? fmt::format("{:.1f}", *each.microseconds) : "-", 100 * share,
               each.reason.empty() ? "" : "  stays: " + each.reason);
  }
  if (inspection.elasticity) PrintElasticity(*inspection.elasticity);
  for (const std::string& note : inspection.notes) fmt::print("note: {}\n", note);
  for (const std::string& each : inspection.disturbances) fmt::print("disturbance: {}\n", each);
}

}  // namespace

double Inspection::ShareThatCanBeRebuilt() const {
  double all = 0, rebuilt = 0;
  for (const InspectedBlock& each : blocks) {
    const double weight = WeightOf(*this, each);
    all += weight;
    if (each.reason.empty()) rebuilt += weight;
  }
  return all > 0 ? rebuilt / all : 0;
}

void PrintInspection(const Inspection& inspection, bool json) {
  if (json)
    PrintJson(inspection);
  else
    PrintText(inspection);
}

std::string InspectionHtml(const Inspection& inspection) {
  ModelPage page{.model = inspection.model,
                 .target = inspection.target,
                 .macs = inspection.cost.macs,
                 .parameters = inspection.cost.parameters,
                 .nodes_of_unknown_cost = inspection.cost.unknown_nodes,
                 .microseconds = inspection.microseconds,
                 .share_that_can_be_rebuilt = inspection.ShareThatCanBeRebuilt(),
                 .notes = inspection.notes,
                 .disturbances = inspection.disturbances};
  for (const InspectedBlock& each : inspection.blocks) {
    const Block& b = each.block;
    page.blocks.push_back(
        {b.name, b.kind, OutputOf(b), b.stage, b.macs, each.microseconds, each.reason});
  }
  return ModelHtml(page);
}

}  // namespace nacre
