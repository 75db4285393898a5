#include "space/architectures.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "forecast/priors.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

// Size and memory of a network, with its multiply-accumulates in place of latency.
Usage Counted(const Network& network, const Target& target) {
  const auto cost = CostOf(network);
  auto usage = UsageOf(network, target);
  if (!cost || !usage) return {1, 1, 1};
  usage->latency = static_cast<double>(std::max<int64_t>(1, cost->macs));
  return *usage;
}

Usage Ratio(const Usage& one, const Usage& other) {
  return {one.latency / other.latency, one.size / other.size, one.memory / other.memory};
}

template <typename T>
auto Position(std::vector<T>& items, size_t index) {
  return items.begin() + static_cast<std::ptrdiff_t>(index);
}

}  // namespace

ArchitectureSpace::ArchitectureSpace(const Space& space, PricingContext pricing,
                                     std::vector<Point> roots)
    : space_(space), pricing_(std::move(pricing)), roots_(std::move(roots)) {
  for (size_t i = 0; i < space_.candidates.size(); ++i) {
    if (!IsUsable(space_, pricing_.objective, i)) continue;
    const Candidate& candidate = CandidateAt(static_cast<int>(i));
    by_span_[{candidate.first, candidate.last}].push_back(static_cast<int>(i));
  }
}

std::vector<Point> ArchitectureSpace::Neighbours(const Point& point) const {
  std::vector<Point> all;
  if (point.moves.empty()) AddSwaps(point, all);
  if (point.moves.size() >= static_cast<size_t>(priors::kMostMoves.Count())) return all;
  for (const Shift& shift : Shifts(point)) {
    all.push_back(point);
    all.back().moves.push_back(shift.move);
  }
  return all;
}

std::optional<Point> ArchitectureSpace::Cross(const Point& one, const Point& other,
                                              Random& random) const {
  if (!one.moves.empty() || !other.moves.empty()) return std::nullopt;
  const std::vector<Point> children = Children(one, other);
  if (children.empty()) return std::nullopt;
  return children[random.Below(children.size())];
}

std::optional<double> ArchitectureSpace::Cost(const Point& point) const {
  const Usage usage = Predicted(point);
  const double slack = priors::kBoundSlack;
  const Usage least{usage.latency / slack, usage.size / slack, usage.memory / slack};
  if (!BrokenBound(pricing_.bounds, least, pricing_.target.batch).empty()) return std::nullopt;
  return Of(pricing_.objective, usage);
}

std::vector<double> ArchitectureSpace::Features(const Point& point) const {
  double sum = 0;
  double roots = 0;
  double worst = 0;
  double changed = 0;
  for (const int gene : point.genes) {
    const double score = ScoreOf(space_, {gene});
    sum += score;
    roots += std::sqrt(score);
    worst = std::max(worst, score);
    changed += IsKeep(CandidateAt(gene)) ? 0 : 1;
  }
  return {roots,
          std::log(sum + 1e-3),
          worst,
          changed,
          static_cast<double>(point.genes.size()),
          static_cast<double>(point.moves.size()),
          std::log(std::max(1e-9, Of(pricing_.objective, Predicted(point))))};
}

Usage ArchitectureSpace::Predicted(const Point& point) const {
  const Usage usage = nacre::Predicted(space_, pricing_, point.genes);
  if (point.moves.empty()) return usage;
  const Usage& share = Share(point);
  return {usage.latency * share.latency, usage.size * share.size, usage.memory * share.memory};
}

Expected<Network> ArchitectureSpace::Build(const Point& point) const {
  return ApplyMoves(Assemble(space_, {point.genes}), point.moves, {.seed = pricing_.seed});
}

Expected<Network> ArchitectureSpace::Derive(const Point& point, const Point& parent,
                                            const Network& trained) const {
  if (point.genes != parent.genes) {
    if (!point.moves.empty()) {
      return Fail(ErrorKind::kModel,
                  "a network with macro moves cannot take over picks other than its own");
    }
    return Graft(space_, {parent.genes}, trained, {point.genes}, Assemble(space_, {point.genes}));
  }
  const auto known = static_cast<std::ptrdiff_t>(parent.moves.size());
  return ApplyMoves(trained, {point.moves.begin() + known, point.moves.end()},
                    {.seed = pricing_.seed});
}

Network ArchitectureSpace::Inherit(const Point& point, Network own, const Point& other,
                                   const Network& trained) const {
  return Graft(space_, {other.genes}, trained, {point.genes}, std::move(own));
}

double ArchitectureSpace::Shared(const Point& one, const Point& other) const {
  double blocks = 0;
  for (const int gene : one.genes) {
    const Candidate& candidate = CandidateAt(gene);
    const bool both = std::find(other.genes.begin(), other.genes.end(), gene) != other.genes.end();
    if (both) blocks += candidate.last - candidate.first + 1;
  }
  return blocks / static_cast<double>(std::max<size_t>(1, space_.blocks.size()));
}

std::string ArchitectureSpace::Describe(const Point& point) const {
  std::string text = ToString(space_, {point.genes});
  for (const std::string& move : point.moves) text += " " + move;
  return text;
}

const Candidate& ArchitectureSpace::CandidateAt(int gene) const {
  return space_.candidates.at(static_cast<size_t>(gene)).candidate;
}

Point ArchitectureSpace::Joined(const Point& head, const Point& tail, int cut) const {
  Point joined;
  for (const int gene : head.genes) {
    if (CandidateAt(gene).first < cut) joined.genes.push_back(gene);
  }
  for (const int gene : tail.genes) {
    if (CandidateAt(gene).first >= cut) joined.genes.push_back(gene);
  }
  return joined;
}

std::vector<Point> ArchitectureSpace::Children(const Point& head, const Point& tail) const {
  std::set<int> cuts;  // first blocks of the picks of `tail`
  for (const int gene : tail.genes) cuts.insert(CandidateAt(gene).first);
  std::vector<Point> children;
  for (const int gene : head.genes) {
    const int cut = CandidateAt(gene).first;
    if (cuts.count(cut) == 0) continue;
    Point child = Joined(head, tail, cut);
    if (child != head && child != tail) children.push_back(std::move(child));
  }
  return children;
}

void ArchitectureSpace::AddSwaps(const Point& point, std::vector<Point>& all) const {
  for (size_t i = 0; i < point.genes.size(); ++i) {
    const Candidate& here = CandidateAt(point.genes[i]);
    for (const int other : At(here.first, here.last)) {
      if (other == point.genes[i]) continue;
      all.push_back(point);
      all.back().genes[i] = other;
    }
    AddMerges(point, i, all);
    AddCuts(point, i, all);
  }
}

void ArchitectureSpace::AddMerges(const Point& point, size_t at, std::vector<Point>& all) const {
  if (at + 1 == point.genes.size()) return;
  const int first = CandidateAt(point.genes[at]).first;
  const int last = CandidateAt(point.genes[at + 1]).last;
  for (const int other : At(first, last)) {
    all.push_back(point);
    std::vector<int>& genes = all.back().genes;
    genes[at] = other;
    genes.erase(Position(genes, at + 1));
  }
}

void ArchitectureSpace::AddCuts(const Point& point, size_t at, std::vector<Point>& all) const {
  const Candidate& here = CandidateAt(point.genes[at]);
  for (int cut = here.first; cut < here.last; ++cut) {
    for (const int left : Best(here.first, cut)) {
      for (const int right : Best(cut + 1, here.last)) {
        all.push_back(point);
        std::vector<int>& genes = all.back().genes;
        genes[at] = left;
        genes.insert(Position(genes, at + 1), right);
      }
    }
  }
}

const std::vector<ArchitectureSpace::Shift>& ArchitectureSpace::Shifts(const Point& point) const {
  const auto [at, fresh] = shifts_.try_emplace(point.Key());
  std::vector<Shift>& shifts = at->second;
  if (!fresh) return shifts;
  const auto network = Build(point);
  if (!network) return shifts;
  const Usage before = Counted(*network, pricing_.target);
  for (const Move& move : MacroMoves(*network, {.seed = pricing_.seed})) {
    const Usage share = Ratio(Counted(move.network, pricing_.target), before);
    if (Of(pricing_.objective, share) < 1) shifts.push_back({move.id, share});
  }
  return shifts;
}

std::vector<int> ArchitectureSpace::At(int first, int last) const {
  const auto found = by_span_.find({first, last});
  return found == by_span_.end() ? std::vector<int>() : found->second;
}

std::vector<int> ArchitectureSpace::Best(int first, int last) const {
  std::vector<int> all = At(first, last);
  std::sort(all.begin(), all.end(),
            [&](int a, int b) { return ScoreOf(space_, {a}) < ScoreOf(space_, {b}); });
  const auto most = static_cast<size_t>(priors::kBestOfSpan.Count());
  if (all.size() > most) all.resize(most);
  return all;
}

const Usage& ArchitectureSpace::Share(const Point& point) const {
  const auto [at, fresh] = shares_.try_emplace(point.Key(), Usage{1, 1, 1});
  Usage& share = at->second;
  if (!fresh || point.moves.empty()) return share;
  Point before = point;
  before.moves.pop_back();
  for (const Shift& shift : Shifts(before)) {
    if (shift.move != point.moves.back()) continue;
    share = Share(before);
    // Only a part of the latency follows the multiply-accumulates. This orders what is then
    // measured.
    share.latency *= 1 - priors::kLatencyShareOfMacs * (1 - shift.share.latency);
    share.size *= shift.share.size;
    share.memory *= shift.share.memory;
  }
  return share;
}

}  // namespace nacre
