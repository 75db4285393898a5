#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "forecast/priors.h"
#include "space/span.h"

namespace nacre::space_internal {
namespace {

// How much a fast network needs the candidates of a span: single blocks and runs that cover a stage
// first, then runs that begin or end with a stage, then runs on a grid of their length.
enum class Tier { kNeeded, kAtAnEnd, kOnTheGrid, kElsewhere };

// A stage may be covered without the block that changes the shape, and with the one that follows.
bool BeginsStage(const Candidate& candidate, const Stage& stage) {
  return candidate.first == stage.first || candidate.first == stage.first + 1;
}

bool EndsStage(const Candidate& candidate, const Stage& stage) {
  return candidate.last == stage.last || candidate.last == stage.last + 1;
}

Tier TierWithin(const Candidate& candidate, const Stage& stage) {
  if (BeginsStage(candidate, stage) || EndsStage(candidate, stage)) return Tier::kAtAnEnd;
  const int length = candidate.last - candidate.first + 1;
  return (candidate.first - stage.first) % length == 0 ? Tier::kOnTheGrid : Tier::kElsewhere;
}

Tier TierOf(const Candidate& candidate, const std::vector<Stage>& stages) {
  if (candidate.first == candidate.last) return Tier::kNeeded;
  for (const Stage& stage : stages) {
    if (BeginsStage(candidate, stage) && EndsStage(candidate, stage)) return Tier::kNeeded;
    if (stage.first <= candidate.first && candidate.first <= stage.last)
      return TierWithin(candidate, stage);
  }
  return Tier::kElsewhere;
}

// The kind that is as worth trying.
CandidateKind Like(CandidateKind kind) {
  switch (kind) {
    case CandidateKind::kUngated:
    case CandidateKind::kJoinedGroups:
      return CandidateKind::kActivation;
    case CandidateKind::kFewerGroups:
    case CandidateKind::kDense:
      return CandidateKind::kThin;
    default:
      return kind;
  }
}

// Less is sooner.
int64_t WorthOf(CandidateKind kind) { return static_cast<int64_t>(Like(kind)); }

// The candidates of one span in the order in which they are worth trying. Kinds take turns: the
// second of a kind comes after the first of most others.
std::vector<size_t> InTurns(const std::vector<Candidate>& candidates,
                            const std::vector<size_t>& members) {
  std::map<CandidateKind, int64_t> used;
  std::vector<std::pair<int64_t, size_t>> ranked;
  for (const size_t i : members) {
    const CandidateKind kind = candidates[i].kind;
    const int64_t turn = WorthOf(kind) + priors::kRepeatWorth.Count() * used[kind];
    ranked.emplace_back(turn, i);
    ++used[kind];
  }
  std::stable_sort(ranked.begin(), ranked.end());
  std::vector<size_t> order;
  for (const auto& [turn, i] : ranked) order.push_back(i);
  return order;
}

// All candidates, most wanted first.
std::vector<size_t> ByWorth(const std::vector<Candidate>& candidates,
                            const std::vector<Stage>& stages) {
  std::map<std::pair<int, int>, std::vector<size_t>> spans;
  for (size_t i = 0; i < candidates.size(); ++i)
    spans[{candidates[i].first, candidates[i].last}].push_back(i);
  std::vector<std::pair<double, size_t>> ranked;
  for (const auto& [span, members] : spans) {
    double turn = 0;
    for (const size_t i : InTurns(candidates, members)) {
      const auto tier = static_cast<int>(TierOf(candidates[i], stages));
      ranked.emplace_back(turn + priors::kTierWorth * tier, i);
      ++turn;
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<size_t> order;
  for (const auto& [rank, i] : ranked) order.push_back(i);
  return order;
}

}  // namespace

void Trim(std::vector<Candidate>& candidates, const std::vector<Block>& blocks, int most) {
  if (most <= 0 || static_cast<int>(candidates.size()) <= most) return;
  std::set<size_t> chosen;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (IsKeep(candidates[i])) chosen.insert(i);
  }
  for (const size_t i : ByWorth(candidates, FindStages(blocks))) {
    if (static_cast<int>(chosen.size()) >= most) break;
    chosen.insert(i);
  }
  std::vector<Candidate> kept;
  for (const size_t i : chosen) kept.push_back(std::move(candidates[i]));
  candidates = std::move(kept);
}

}  // namespace nacre::space_internal
