#include "pipeline/tree_space.h"

#include <algorithm>
#include <cmath>

#include "graph/shapes.h"

namespace nacre {
namespace {

constexpr size_t kMostMoves = 2;
constexpr size_t kBestOfSpan = 3;
// Latency follows multiplications this far; the rest is the same for every width. Only orders what
// is then measured.
constexpr double kShareOfMacs = 0.7;
constexpr double kErring =
    1.1;  // what predicted usage may exceed a bound by: measured it may keep it

// With multiplications in place of latency.
Usage Counted(const Network& network, const Target& target) {
  const auto cost = CostOf(network);
  auto usage = UsageOf(network, target);
  if (!cost || !usage) return {1, 1, 1};
  usage->latency = static_cast<double>(std::max<int64_t>(1, cost->macs));
  return *usage;
}

}  // namespace

ArchitectureSpace::ArchitectureSpace(const Context& context) : context_(context) {
  for (size_t i = 0; i < context.scores.size(); ++i) {
    const Candidate& candidate = context.space.candidates[i];
    if (context.scores[i] < 0 || !context.useful[i]) continue;
    by_span_[{candidate.first, candidate.last}].push_back(static_cast<int>(i));
  }
}

TreeSpace ArchitectureSpace::Tree(std::vector<Point> roots) const {
  TreeSpace tree;
  tree.roots = std::move(roots);
  tree.neighbours = [this](const Point& point) { return Neighbours(point); };
  tree.features = [this](const Point& point) { return Features(point); };
  tree.cost = [this](const Point& point) { return PredictedCost(point); };
  return tree;
}

Expected<Network> ArchitectureSpace::Build(const Point& point) const {
  return ApplyMoves(Assemble(context_.space, {point.genes}), point.moves,
                    {.seed = context_.config.seed});
}

Expected<Network> ArchitectureSpace::Derive(const Point& point, const Point& parent,
                                            const Network& trained) const {
  if (point.genes != parent.genes) {
    if (!point.moves.empty())
      return Fail(ErrorKind::kModel, "a network with macro moves has no other picks to take over");
    return Graft(context_.space, {parent.genes}, trained, {point.genes},
                 Assemble(context_.space, {point.genes}));
  }
  const auto known = static_cast<std::ptrdiff_t>(parent.moves.size());
  return ApplyMoves(trained, {point.moves.begin() + known, point.moves.end()},
                    {.seed = context_.config.seed});
}

Network ArchitectureSpace::Inherit(const Point& point, Network own, const Point& other,
                                   const Network& trained) const {
  return Graft(context_.space, {other.genes}, trained, {point.genes}, std::move(own));
}

double ArchitectureSpace::Shared(const Point& one, const Point& other) const {
  double blocks = 0;
  for (int gene : one.genes) {
    const Candidate& candidate = context_.space.candidates[gene];
    const bool both = std::find(other.genes.begin(), other.genes.end(), gene) != other.genes.end();
    if (both) blocks += candidate.last - candidate.first + 1;
  }
  return blocks / static_cast<double>(std::max<size_t>(1, context_.space.blocks.size()));
}

std::string ArchitectureSpace::Describe(const Point& point) const {
  std::string text = ToString(context_.space, {point.genes});
  for (const std::string& move : point.moves) text += " " + move;
  return text;
}

// One pick replaced by another of the same span, by the picks of its parts, or two neighbours by
// one that spans both; or one macro move more. Moves come last: the networks that they were found
// in stay as they are.
std::vector<Point> ArchitectureSpace::Neighbours(const Point& point) const {
  std::vector<Point> all;
  if (point.moves.empty()) AddSwaps(point, all);
  if (point.moves.size() == kMostMoves) return all;
  for (const Shift& shift : Shifts(point)) {
    all.push_back(point);
    all.back().moves.push_back(shift.move);
  }
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
    share.latency *= 1 - kShareOfMacs * (1 - shift.share.latency);
    share.size *= shift.share.size;
    share.memory *= shift.share.memory;
  }
  return share;
}

void ArchitectureSpace::AddSwaps(const Point& point, std::vector<Point>& all) const {
  const auto& candidates = context_.space.candidates;
  for (size_t i = 0; i < point.genes.size(); ++i) {
    const Candidate& here = candidates[point.genes[i]];
    for (int other : At(here.first, here.last)) {
      if (other == point.genes[i]) continue;
      all.push_back(point);
      all.back().genes[i] = other;
    }
    if (i + 1 < point.genes.size()) {
      for (int other : At(here.first, candidates[point.genes[i + 1]].last)) {
        all.push_back(point);
        all.back().genes[i] = other;
        all.back().genes.erase(all.back().genes.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      }
    }
    AddCuts(point, i, all);
  }
}

void ArchitectureSpace::AddCuts(const Point& point, size_t at, std::vector<Point>& all) const {
  const Candidate& here = context_.space.candidates[point.genes[at]];
  for (int cut = here.first; cut < here.last; ++cut) {
    for (int left : Best(here.first, cut)) {
      for (int right : Best(cut + 1, here.last)) {
        all.push_back(point);
        all.back().genes[at] = left;
        all.back().genes.insert(all.back().genes.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                right);
      }
    }
  }
}

const std::vector<ArchitectureSpace::Shift>& ArchitectureSpace::Shifts(const Point& point) const {
  const auto [at, fresh] = shifts_.try_emplace(point.Key());
  if (!fresh) return at->second;
  const auto network = Build(point);
  if (!network) return at->second;
  const Usage before = Counted(*network, context_.config.target);
  for (const Move& move : MacroMoves(*network, {.seed = context_.config.seed})) {
    const Usage after = Counted(move.network, context_.config.target);
    const Usage share{after.latency / before.latency, after.size / before.size,
                      after.memory / before.memory};
    if (share.*context_.Figure() < 1) at->second.push_back({move.id, share});
  }
  return at->second;
}

std::vector<int> ArchitectureSpace::At(int first, int last) const {
  const auto found = by_span_.find({first, last});
  return found == by_span_.end() ? std::vector<int>() : found->second;
}

// The few of a span with the least harm.
std::vector<int> ArchitectureSpace::Best(int first, int last) const {
  std::vector<int> all = At(first, last);
  std::sort(all.begin(), all.end(),
            [&](int a, int b) { return context_.scores[a] < context_.scores[b]; });
  if (all.size() > kBestOfSpan) all.resize(kBestOfSpan);
  return all;
}

Usage ArchitectureSpace::Predicted(const Point& point) const {
  Usage usage = context_.Predicted(point.genes);
  if (point.moves.empty()) return usage;
  const Usage& share = Share(point);
  return {usage.latency * share.latency, usage.size * share.size, usage.memory * share.memory};
}

double ArchitectureSpace::PredictedCost(const Point& point) const {
  const Usage usage = Predicted(point);
  const Usage least{usage.latency / kErring, usage.size / kErring, usage.memory / kErring};
  if (!Broken(context_.config.bounds, least, context_.config.target.batch).empty()) return -1;
  return usage.*context_.Figure();
}

std::vector<double> ArchitectureSpace::Features(const Point& point) const {
  double sum = 0, roots = 0, worst = 0, changed = 0;
  for (int gene : point.genes) {
    const double score = context_.scores[gene];
    sum += score;
    roots += std::sqrt(score);
    worst = std::max(worst, score);
    changed += context_.space.candidates[gene].kind != "keep";
  }
  return {roots,
          std::log(sum + 1e-3),
          worst,
          changed,
          static_cast<double>(point.genes.size()),
          static_cast<double>(point.moves.size()),
          std::log(std::max(1e-9, Predicted(point).*context_.Figure()))};
}

}  // namespace nacre
