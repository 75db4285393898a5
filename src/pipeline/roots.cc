#include "pipeline/roots.h"

#include <algorithm>

namespace nacre {

std::vector<Point> RootsOfRound(const Context& context) {
  std::vector<Point> roots;
  const auto add = [&](const Point& point) {
    if (std::find(roots.begin(), roots.end(), point) == roots.end()) roots.push_back(point);
  };
  double dearest = 0;
  for (const Tried& tried : context.tried) {
    if (!tried.final) continue;
    add(tried.trial.point);
    dearest = std::max(dearest, tried.outcome.cost);
  }
  if (roots.empty()) return context.roots;
  for (const Point& root : context.roots) {
    if (context.Predicted(root.genes).*context.Figure() < dearest) add(root);
  }
  return roots;
}

}  // namespace nacre
