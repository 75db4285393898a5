#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/supernet_stages.h"

namespace nacre {
namespace {

// Trials on the front of accuracy and cost, cheapest first.
std::vector<size_t> FrontOf(const History& history) {
  std::vector<size_t> front;
  for (size_t i = 0; i < history.trials.size(); ++i) {
    if (!history.trials[i].failed()) front.push_back(i);
  }
  const auto outcome = [&](size_t i) -> const Outcome& { return history.trials[i].outcome; };
  std::stable_sort(front.begin(), front.end(), [&](size_t a, size_t b) {
    return outcome(a).cost != outcome(b).cost ? outcome(a).cost < outcome(b).cost
                                              : outcome(a).accuracy > outcome(b).accuracy;
  });
  double best = -1;
  std::erase_if(front, [&](size_t i) {
    if (outcome(i).accuracy <= best) return true;
    best = outcome(i).accuracy;
    return false;
  });
  return front;
}

// The member of the front that lies furthest above the line between its ends, both axes scaled to
// one (the knee; Das, Structural Optimization 18, 1999).
size_t KneeOf(const History& history, const std::vector<size_t>& front) {
  const Outcome &first = history.trials[front.front()].outcome,
                &last = history.trials[front.back()].outcome;
  const double width = std::max(last.cost - first.cost, 1e-12),
               height = std::max(last.accuracy - first.accuracy, 1e-12);
  size_t knee = front.front();
  double most = -std::numeric_limits<double>::infinity();
  for (const size_t i : front) {
    const Outcome& each = history.trials[i].outcome;
    const double above =
        (each.accuracy - first.accuracy) / height - (each.cost - first.cost) / width;
    if (above <= most) continue;
    most = above;
    knee = i;
  }
  return knee;
}

}  // namespace

std::vector<Role> ChooseRoles(const History& history, const Aim& aim) {
  const std::vector<size_t> front = FrontOf(history);
  if (front.empty()) return {};
  size_t fastest = front.back();  // the most accurate that is faster than the original
  for (const size_t i : front) {
    if (aim.Gain(history.trials[i].outcome) > 1) fastest = i;
  }
  for (size_t k = front.size(); k-- > 0;) {
    if (history.trials[front[k]].outcome.accuracy >= aim.limit) fastest = front[k];
  }
  std::vector<Role> roles = {{'A', "fastest", fastest}};
  const auto add = [&](char letter, const char* name, size_t trial) {
    const bool taken = std::any_of(roles.begin(), roles.end(),
                                   [&](const Role& role) { return role.trial == trial; });
    if (!taken) roles.push_back({letter, name, trial});
  };
  add('B', "most accurate", front.back());
  add('C', "knee", KneeOf(history, front));
  return roles;
}

}  // namespace nacre
