// What inspect finds out about a model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/blocks.h"
#include "graph/core.h"
#include "graph/elastic.h"
#include "graph/shapes.h"
#include "target/target.h"

namespace nacre {

struct InspectedBlock {
  Block block;
  std::optional<double> microseconds;  // nothing: the compiler does not say
  std::string reason;                  // why it cannot be rebuilt; empty: it can
};

// What a super-network of the model could lose (--method bootstrap).
struct InspectedElasticity {
  std::vector<ElasticDimension> dimensions;
  double log_size = 0;            // logarithm to base 10 of the number of sub-networks
  Cost smallest;                  // of the smallest one
  std::optional<double> speedup;  // of that over the model on the target; nothing: not measured
};

// How far the space of candidates reaches, by the latency table: a bound, as whatever may go is
// gone.
struct InspectedReach {
  double speedup = 1;
  std::string architecture;  // ids of the candidates
};

struct Inspection {
  std::string model, target;
  Cost cost;                           // of the whole file
  std::vector<std::string> notes;      // what is left as it is, and why
  std::vector<InspectedBlock> blocks;  // of the core
  std::optional<double> microseconds;  // of the core on the target
  std::vector<std::string> disturbances;
  std::optional<InspectedElasticity> elasticity;  // where it was asked for
  std::optional<InspectedReach> reach;            // nothing: the target has no table for the model

  // Of the time, or of the multiply-accumulates where it is not known, in [0, 1].
  double ShareThatCanBeRebuilt() const;
};

// Errors: those of FindElasticity.
Expected<InspectedElasticity> InspectElasticity(const Network& network, const Target& target);

// Nothing where the latency table of the target (nacre target profile) lacks a block of the
// network. `microseconds`: what the network takes there.
std::optional<InspectedReach> InspectReach(const Network& network, const Target& target,
                                           const std::string& fingerprint, double microseconds);

void PrintInspection(const Inspection& inspection, bool json);
// One self-contained page, with a drawing of the blocks.
std::string InspectionHtml(const Inspection& inspection);

}  // namespace nacre
