// What the rounds of a run have found so far. Each round of search and final training adds to it
// and goes on from it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/stored_model.h"
#include "forecast/forecast.h"
#include "quantize/quantize.h"
#include "search/point.h"

namespace nacre {

// A network of the tree search, or of a final training, with all that is known of it.
struct TrialRecord {
  Trial trial;
  Outcome outcome;
  std::string description;
  std::optional<StoredModel> model;  // as trained, with its measured latency; nothing: it failed
  bool final = false;                // went through a final training
  std::optional<double> images_per_second;  // while it trained

  bool failed() const { return !outcome.error.empty() || !model; }
};

// A network that went through the final training.
struct Finalist {
  std::string id, description;
  std::string role = {};                // "fastest", "most accurate", "knee"; empty: none
  std::vector<int> picks;               // of candidates
  ArtifactHash network;                 // float, trained, batch-norm folded
  std::map<std::string, Range> ranges;  // of activations, where its training ended for INT8
  double accuracy = 0;                  // top-1 in float on the selecting images
};

struct History {
  std::vector<TrialRecord> trials;
  std::vector<Finalist> finalists;
  Forecast forecast;                        // learns from trials and finalists
  std::map<std::string, double> latencies;  // measured, in microseconds, by structural hash
  std::vector<std::string> notes;           // for the report
};

// What finalists are chosen by.
struct Aim {
  double original_cost = 0;      // in the objective's unit
  double limit = 0, wanted = 0;  // Ingested's
  double macs_per_second = 0;    // of training
  int64_t images = 0;            // of the training set

  // How many times faster, or smaller, than the original.
  double Gain(const Outcome& outcome) const { return original_cost / outcome.cost; }
  Forecast::State StateOf(const Outcome& outcome) const {
    return {outcome.accuracy, outcome.epochs, Gain(outcome)};
  }
};

}  // namespace nacre
