// The tree's view of the space: points are candidates that cover all blocks, with macro moves on
// top; neighbours differ in one decision.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/context.h"
#include "search/tree_search.h"

namespace nacre {

class ArchitectureSpace {
 public:
  // The context must outlive it, with candidates scored and timed.
  explicit ArchitectureSpace(const Context& context);

  TreeSpace Tree(std::vector<Point> roots) const;  // must not outlive this
  // Start weights as distilled. Error (kModel) when a move is not offered (any more).
  Expected<Network> Build(const Point& point) const;
  // `point` made out of its parent as that was trained: what they share keeps its training. Error
  // (kModel) as Build.
  Expected<Network> Derive(const Point& point, const Point& parent, const Network& trained) const;
  // `own`, the network of `point` as it was trained, with the weights of `trained`, which is of
  // `other`, where both pick the same. Neither has macro moves.
  Network Inherit(const Point& point, Network own, const Point& other,
                  const Network& trained) const;
  // Share of the blocks for which both pick the same.
  double Shared(const Point& one, const Point& other) const;
  std::string Describe(const Point& point) const;

 private:
  struct Shift {
    std::string move;
    Usage share;  // of the network before the move; multiplications in place of latency
  };

  std::vector<Point> Neighbours(const Point& point) const;
  void AddSwaps(const Point& point, std::vector<Point>& all) const;
  void AddCuts(const Point& point, size_t at, std::vector<Point>& all) const;
  const std::vector<Shift>& Shifts(const Point& point) const;
  std::vector<int> At(int first, int last) const;
  std::vector<int> Best(int first, int last) const;
  const Usage& Share(const Point& point)
      const;  // of the usage without moves, that they leave; all of it where one is not offered
  Usage Predicted(const Point& point) const;
  double PredictedCost(const Point& point) const;  // negative: breaks a bound
  std::vector<double> Features(const Point& point) const;

  const Context& context_;
  std::map<std::pair<int, int>, std::vector<int>> by_span_;
  mutable std::map<std::string, std::vector<Shift>> shifts_;  // by key of the point
  mutable std::map<std::string, Usage> shares_;               // by key of the point
};

}  // namespace nacre
