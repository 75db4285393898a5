// The page of a model that was inspected: its blocks as a drawing and as a table.
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nacre {

// One block, in the order in which data flows.
struct PageBlock {
  std::string name, kind;
  std::string output;  // its shape, "[1,64,56,56]"; empty where there are several
  int stage = 0;       // blocks of one spatial size
  int64_t macs = 0;    // multiply-accumulates of one image
  // Latency on the target; nothing where it is not known.
  std::optional<double> microseconds;
  std::string reason;  // why it stays as it is; empty: it can be rebuilt
};

struct ModelPage {
  std::string model, target;
  int64_t macs = 0, parameters = 0;      // of the whole model
  int64_t nodes_of_unknown_cost = 0;     // which `macs` lacks
  std::optional<double> microseconds;    // of the whole model; nothing: it was not timed
  double share_that_can_be_rebuilt = 0;  // of the time, else of the multiply-accumulates, in [0, 1]
  std::vector<PageBlock> blocks;
  std::vector<std::string> notes;         // what was left as it is, and why
  std::vector<std::string> disturbances;  // of the measurement
};

// One file that needs no network access, for light and dark screens. The drawing has a row for each
// stage; a block is as wide as its share of the time (of the multiply-accumulates when the model
// was not timed), and hatched when it stays as it is. All text from outside is escaped.
std::string ModelHtml(const ModelPage& page);

}  // namespace nacre
