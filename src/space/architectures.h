// The space as a search sees it: a point's genes are candidates that cover all blocks, with macro
// moves on top; neighbours differ in one decision.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"
#include "base/random.h"
#include "search/search_space.h"
#include "space/rated.h"
#include "space/space.h"

namespace nacre {

// Not thread-safe, not even its const methods: they remember the moves of networks that they have
// built.
class ArchitectureSpace : public SearchSpace {
 public:
  // `space` must outlive it, with usages and scores. `roots`: most expensive first.
  ArchitectureSpace(const Space& space, PricingContext pricing, std::vector<Point> roots);

  std::vector<Point> Roots() const override { return roots_; }
  // One pick replaced by another of the same span, by the picks of its parts, or two neighbours by
  // one that spans both; or one macro move more. Moves come last: the networks that they were found
  // in stay as they are.
  std::vector<Point> Neighbours(const Point& point) const override;
  // The picks of one parent up to a boundary of blocks at which both can be cut, and those of the
  // other from there on. Nothing when a parent has macro moves.
  std::optional<Point> Cross(const Point& one, const Point& other, Random& random) const override;
  // The predicted figure of the objective; nothing when even the prediction breaks a bound by more
  // than its error (priors::kBoundSlack).
  std::optional<double> Cost(const Point& point) const override;
  std::vector<double> Features(const Point& point) const override;

  Usage Predicted(const Point& point) const;

  // The network of the point with the weights of its candidates as distilled. Error (kModel): a
  // move is not offered (any more).
  Expected<Network> Build(const Point& point) const;
  // The network of `point` made out of that of its parent as it was trained: what both share keeps
  // its training. Error (kModel): as Build, or `point` has macro moves and other picks than its
  // parent.
  Expected<Network> Derive(const Point& point, const Point& parent, const Network& trained) const;
  // `own`, the network of `point` as it was trained, with the weights of `trained`, which is of
  // `other`, where both pick the same. Neither point has macro moves.
  Network Inherit(const Point& point, Network own, const Point& other,
                  const Network& trained) const;
  // The share of the blocks for which both pick the same, in [0, 1].
  double Shared(const Point& one, const Point& other) const;
  // The ids of picks and moves.
  std::string Describe(const Point& point) const;

 private:
  // A macro move that makes a network cheaper.
  struct Shift {
    std::string move;
    Usage share;  // of the usage before the move; multiply-accumulates in place of latency
  };

  const Candidate& CandidateAt(int gene) const;
  // The picks of `head` before block `cut`, at which both can be cut, and those of `tail` from
  // there on.
  Point Joined(const Point& head, const Point& tail, int cut) const;
  // All points that are joined so and differ from both.
  std::vector<Point> Children(const Point& head, const Point& tail) const;
  void AddSwaps(const Point& point, std::vector<Point>& all) const;
  void AddMerges(const Point& point, size_t at, std::vector<Point>& all) const;
  void AddCuts(const Point& point, size_t at, std::vector<Point>& all) const;
  const std::vector<Shift>& Shifts(const Point& point) const;
  // Usable candidates of a span.
  std::vector<int> At(int first, int last) const;
  // The few of them with the lowest scores.
  std::vector<int> Best(int first, int last) const;
  // The share of the usage that the point's moves leave; all of it where one is not offered.
  const Usage& Share(const Point& point) const;

  const Space& space_;
  PricingContext pricing_;
  std::vector<Point> roots_;
  std::map<std::pair<int, int>, std::vector<int>> by_span_;
  mutable std::map<std::string, std::vector<Shift>> shifts_;  // by key of the point
  mutable std::map<std::string, Usage> shares_;               // by key of the point
};

}  // namespace nacre
