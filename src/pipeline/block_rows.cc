#include "pipeline/block_rows.h"

namespace nacre {
namespace {

double LatencyOf(const RatedCandidate& rated) { return rated.usage ? rated.usage->latency : 0; }

// Of every block as the original has it.
std::vector<double> KeptLatencies(const Space& space) {
  std::vector<double> kept(space.blocks.size(), 0);
  for (const RatedCandidate& rated : space.candidates) {
    if (IsKeep(rated.candidate)) {
      kept[static_cast<size_t>(rated.candidate.first)] = LatencyOf(rated);
    }
  }
  return kept;
}

}  // namespace

std::vector<BlockRow> BlockRows(const Space& space, const Finalist& finalist) {
  const std::vector<double> kept = KeptLatencies(space);
  std::vector<BlockRow> rows;
  for (const int pick : finalist.picks) {
    const RatedCandidate& rated = space.candidates[static_cast<size_t>(pick)];
    const Candidate& candidate = rated.candidate;
    BlockRow row;
    row.blocks = space.blocks[static_cast<size_t>(candidate.first)].name;
    if (candidate.last != candidate.first) {
      row.blocks += "-" + space.blocks[static_cast<size_t>(candidate.last)].name;
    }
    row.after = candidate.id;
    for (auto b = static_cast<size_t>(candidate.first); b <= static_cast<size_t>(candidate.last);
         ++b) {
      const Block& block = space.blocks[b];
      if (!row.before.empty()) row.before += ", ";
      row.before += block.kind + " " + ToString(block.output_shape);
      row.before_us += kept[b];
    }
    row.after_us = LatencyOf(rated);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace nacre
