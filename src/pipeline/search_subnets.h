// The search of a trained super-network.
#pragma once

#include <string>

#include "pipeline/supernet_stages.h"

namespace nacre {

struct SubnetSearch {
  // "nsga2": by accuracy and measured cost. "macs": NSGA-II as well, but by accuracy and
  // multiply-accumulates. "random": genes are drawn. Cost is measured with all three.
  std::string strategy = "nsga2";
  int evaluations = 0;  // 0: as many as fit into the time
  Seconds time{0};
  uint64_t seed = 0;
};

// The trials are added to the history; the largest and the smallest sub-network are the first two.
Expected<void> SearchSubnets(RunServices& run, const Supernet& supernet, const Baselines& baselines,
                             const SubnetSearch& search, History& history);

// Of the trials: accuracy times the share of the original's cost that is saved, in [0, 1].
double SubnetHypervolume(const History& history, const Aim& aim);

// How many of the trials are on the front of accuracy and cost.
size_t SubnetsOnFront(const History& history);

// All trials as subnets.json and subnets.csv, with their genes, fastest first.
Expected<void> WriteSubnets(RunServices& run, const Supernet& supernet, const History& history);

}  // namespace nacre
