#include "pipeline/roots.h"

#include <algorithm>

namespace nacre {
namespace {

constexpr double kFarther =
    2;  // cost, than what stands to miss the limit, and than what can attain it

}  // namespace

std::vector<Point> RootsOfRound(const Context& context) {
  std::vector<Point> roots;
  const auto add = [&](const Point& point) {
    if (std::find(roots.begin(), roots.end(), point) == roots.end()) roots.push_back(point);
  };
  double most = 0, least = 0;  // costs between which something new may lie
  for (const Tried& tried : context.tried) {
    if (!tried.final) continue;
    add(tried.trial.point);
    most = std::max(most, tried.outcome.cost);
    if (tried.outcome.accuracy < context.limit) least = std::max(least, tried.outcome.cost);
  }
  if (roots.empty()) return context.roots;
  if (least == most) {  // all of them stand to miss the limit
    const double attains =
        context.original_usage.*context.Figure() / context.curve.Fastest(context.limit);
    most = kFarther * std::max(most, attains);
  }
  for (const Point& root : context.roots) {
    const double cost = context.Predicted(root.genes).*context.Figure();
    if (cost > least && cost < most) add(root);
  }
  return roots;
}

}  // namespace nacre
