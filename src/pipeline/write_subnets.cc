#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/log.h"
#include "pipeline/search_subnets.h"
#include "search/hypervolume.h"
#include "store/write_file.h"

namespace nacre {
namespace {

std::vector<Evaluated> EvaluatedOf(const History& history) {
  std::vector<Evaluated> evaluated;
  for (const TrialRecord& trial : history.trials) {
    if (!trial.failed()) evaluated.push_back({trial.trial, trial.outcome});
  }
  return evaluated;
}

// Keys of the points.
std::set<std::string> FrontOf(const History& history) {
  std::set<std::string> front;
  for (const Evaluated& each : ParetoFront(EvaluatedOf(history)))
    front.insert(each.trial.point.Key());
  return front;
}

std::vector<const TrialRecord*> FastestFirst(const History& history) {
  std::vector<const TrialRecord*> trials;
  for (const TrialRecord& trial : history.trials) {
    if (!trial.failed()) trials.push_back(&trial);
  }
  std::stable_sort(trials.begin(), trials.end(), [](const TrialRecord* a, const TrialRecord* b) {
    return a->outcome.cost < b->outcome.cost;
  });
  return trials;
}

nlohmann::json SubnetJson(const TrialRecord& trial, const Aim& aim, bool on_front) {
  return {{"genes", trial.trial.point.genes},
          {"accuracy", trial.outcome.accuracy},
          {"speedup", aim.Gain(trial.outcome)},
          {"latency_ms", trial.model->usage.latency / 1e3},
          {"macs", trial.model->cost.macs},
          {"parameters", trial.model->cost.parameters},
          {"on_front", on_front}};
}

std::string SubnetsJson(const History& history, const Supernet& supernet) {
  const std::set<std::string> front = FrontOf(history);
  nlohmann::json dimensions = nlohmann::json::array(), subnets = nlohmann::json::array();
  for (const ElasticDimension& each : supernet.elasticity->dimensions) {
    dimensions.push_back({{"kind", Name(each.kind)}, {"name", each.name}, {"values", each.values}});
  }
  for (const TrialRecord* trial : FastestFirst(history)) {
    subnets.push_back(SubnetJson(*trial, supernet.aim, front.count(trial->trial.point.Key()) > 0));
  }
  return nlohmann::json{{"hypervolume", SubnetHypervolume(history, supernet.aim)},
                        {"supernet", supernet.job.supernet},
                        {"dimensions", dimensions},
                        {"subnets", subnets}}
             .dump(1) +
         "\n";
}

// RFC 4180: genes hold commas.
std::string SubnetsCsv(const History& history, const Aim& aim) {
  const std::set<std::string> front = FrontOf(history);
  std::string csv = "genes,accuracy,speedup,latency_ms,macs,parameters,on_front\r\n";
  for (const TrialRecord* trial : FastestFirst(history)) {
    csv += fmt::format("\"{}\",{:.6f},{:.4f},{:.6f},{},{},{}\r\n",
                       fmt::join(trial->trial.point.genes, ","), trial->outcome.accuracy,
                       aim.Gain(trial->outcome), trial->model->usage.latency / 1e3,
                       trial->model->cost.macs, trial->model->cost.parameters,
                       front.count(trial->trial.point.Key()) > 0);
  }
  return csv;
}

}  // namespace

double SubnetHypervolume(const History& history, const Aim& aim) {
  const double cost = aim.original_cost;
  return Hypervolume(EvaluatedOf(history), {.accuracy = 0, .cost = cost}) / cost;
}

size_t SubnetsOnFront(const History& history) { return FrontOf(history).size(); }

Expected<void> WriteSubnets(RunServices& run, const Supernet& supernet, const History& history) {
  Info(fmt::format("{} sub-networks were measured, {} of them on the front", history.trials.size(),
                   SubnetsOnFront(history)));
  const std::filesystem::path folder = run.store.folder();
  NACRE_CHECK_OK(WriteFileAtomically(folder / "subnets.csv", SubnetsCsv(history, supernet.aim)));
  return WriteFileAtomically(folder / "subnets.json", SubnetsJson(history, supernet));
}

}  // namespace nacre
