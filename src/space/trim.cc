#include <algorithm>
#include <map>
#include <set>

#include "space/span.h"

namespace nacre {
namespace {

// Spans that any fast network needs come first: single blocks, then runs that cover a stage, begin
// or end with one, then runs on a grid of their length, then all others.
int Tier(const Candidate& candidate, const std::vector<Block>& blocks) {
  const int length = candidate.last - candidate.first + 1;
  if (length == 1) return 0;
  for (const Stage& stage : FindStages(blocks)) {
    const bool begins = candidate.first == stage.first || candidate.first == stage.first + 1;
    const bool ends = candidate.last == stage.last || candidate.last == stage.last + 1;
    if (begins && ends) return 0;
    if (stage.first <= candidate.first && candidate.first <= stage.last) {
      const int offset = candidate.first - stage.first;
      return begins || ends ? 1 : (offset % length == 0 ? 2 : 3);
    }
  }
  return 3;
}

// What is worth trying first in a span, from experience on CPUs (method.md section 1).
int Preference(const std::string& kind) {
  static const char* kOrder[] = {"keep",         "drop",       "merge",    "plain",    "thin",
                                 "early-stride", "activation", "grouped",  "reparam",  "kernel",
                                 "bottleneck",   "fused",      "low-rank", "inverted", "separable"};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), kind) -
                          std::begin(kOrder));
}

}  // namespace

void Trim(std::vector<Candidate>& candidates, const std::vector<Block>& blocks, int most) {
  constexpr double kTier = 4;  // candidates of a span that its tier is worth
  constexpr int kRepeat = 6;   // kinds that come before the second of one
  if (most <= 0 || static_cast<int>(candidates.size()) <= most) return;
  std::map<std::pair<int, int>, std::vector<size_t>> spans;
  for (size_t i = 0; i < candidates.size(); ++i)
    spans[{candidates[i].first, candidates[i].last}].push_back(i);
  std::vector<std::pair<double, size_t>> order;
  for (const auto& [span, members] : spans) {
    // Kinds take turns: the second of a kind stands behind the first of most others.
    std::map<std::string, int> used;
    std::vector<std::pair<int, size_t>> ranked;
    for (size_t i : members)
      ranked.emplace_back(Preference(candidates[i].kind) + kRepeat * used[candidates[i].kind]++, i);
    std::stable_sort(ranked.begin(), ranked.end());
    for (size_t rank = 0; rank < ranked.size(); ++rank) {
      const size_t i = ranked[rank].second;
      const double turn = static_cast<double>(rank) + kTier * Tier(candidates[i], blocks);
      order.emplace_back(candidates[i].kind == "keep" ? -1 : turn, i);
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::set<size_t> chosen;
  for (const auto& [turn, i] : order) {
    if (turn < 0 || static_cast<int>(chosen.size()) < most) chosen.insert(i);
  }
  std::vector<Candidate> kept;
  for (size_t i : chosen) kept.push_back(std::move(candidates[i]));
  candidates = std::move(kept);
}

}  // namespace nacre
