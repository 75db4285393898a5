// A job is data: what kind of work, with which parameters, on which artifacts. Its key is the hash
// of that, so that equal jobs are done once, a killed run goes on where it stopped, and an executor
// may do a job anywhere.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"

namespace nacre {

// Name of an artifact in the store of the run: the hash of its bytes. Data sets have one, too.
using ArtifactHash = std::string;

struct JobSpec {
  std::string kind;                  // names the worker (engine/workers.h): "train", "score", ...
  int version = 1;                   // of the worker: raised when its results change
  std::string parameters;            // JSON object; all that the result depends on but the inputs
  std::vector<ArtifactHash> inputs;  // in an order that the kind defines
  // A failure is recorded, and the run goes on without the result; else it ends the run, and the
  // job is done again when the run is resumed.
  bool survives = false;
  // What follows does not change what the job is: it is not part of the key.
  Seconds limit{0};   // the job should end within so much time; 0: no limit
  std::string label;  // for people: "rung 0 1.53x"
  // The value of the same job in another run, which the worker repeats where the clock had a part
  // in it (JobRunner::TakeOver); empty: none.
  std::string recorded;
};

struct JobResult {
  std::string value;                    // JSON
  std::vector<ArtifactHash> artifacts;  // in an order that the kind defines
};

// Hash of kind, version, parameters and inputs.
std::string KeyOf(const JobSpec& job);

}  // namespace nacre
