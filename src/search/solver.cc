#include "search/solver.h"

#include <interfaces/highs_c_api.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>

#include "search/pricing.h"

namespace nacre {
namespace {

// HiGHS through its C interface: the wheel is built with the old C++ ABI, so its C++ functions that
// take strings do not link.
struct Destroy {
  void operator()(void* highs) const { Highs_destroy(highs); }
};
using Solver = std::unique_ptr<void, Destroy>;

struct Problem {
  const std::vector<Choice>& choices;
  int blocks;
  SolveLimits limits;
  int diversity;
  std::vector<Solution> found;  // each forbids most of itself
};

struct Program {
  std::vector<double> cost, low, high, row_low, row_high, value;
  std::vector<HighsInt> integrality, start, index;
};

// A solution of fewer picks than `diversity` gives none of them back.
double MostShared(const Solution& solution, int diversity) {
  return std::max(0.0, static_cast<double>(solution.picks.size()) - std::max(1, diversity));
}

// Binary program over the choices `columns`: each block covered exactly once, the limits, the
// solutions found before.
Program MakeProgram(const Problem& problem, const std::vector<int>& columns) {
  Program p;
  p.low.assign(columns.size(), 0);
  p.high.assign(columns.size(), 1);
  p.integrality.assign(columns.size(), kHighsVarTypeInteger);
  p.row_low.assign(static_cast<size_t>(problem.blocks), 1);
  p.row_high = p.row_low;
  const auto row = [&p](double most) {
    p.row_low.push_back(-1e30);
    p.row_high.push_back(most);
    return static_cast<HighsInt>(p.row_low.size()) - 1;
  };
  const HighsInt latency = problem.limits.latency > 0 ? row(problem.limits.latency) : -1;
  const HighsInt size = problem.limits.size > 0 ? row(problem.limits.size) : -1;
  const auto cuts = static_cast<HighsInt>(p.row_low.size());
  for (const Solution& solution : problem.found) row(MostShared(solution, problem.diversity));
  const auto entry = [&p](HighsInt at, double value) {
    p.index.push_back(at);
    p.value.push_back(value);
  };
  for (int column : columns) {
    const Choice& choice = problem.choices[column];
    p.cost.push_back(choice.cost);
    p.start.push_back(static_cast<HighsInt>(p.index.size()));
    for (int block = choice.first; block <= choice.last; ++block) entry(block, 1);
    if (latency >= 0) entry(latency, choice.latency);
    if (size >= 0) entry(size, choice.size);
    for (size_t i = 0; i < problem.found.size(); ++i) {
      const auto& picks = problem.found[i].picks;
      if (std::count(picks.begin(), picks.end(), column)) entry(cuts + static_cast<HighsInt>(i), 1);
    }
  }
  return p;
}

bool Pass(void* highs, const Program& p) {
  return Highs_passMip(highs, static_cast<HighsInt>(p.cost.size()),
                       static_cast<HighsInt>(p.row_low.size()),
                       static_cast<HighsInt>(p.index.size()), kHighsMatrixFormatColwise,
                       kHighsObjSenseMinimize, 0, p.cost.data(), p.low.data(), p.high.data(),
                       p.row_low.data(), p.row_high.data(), p.start.data(), p.index.data(),
                       p.value.data(), p.integrality.data()) != kHighsStatusError;
}

Solution Sum(const std::vector<Choice>& choices, std::vector<int> picks) {
  std::sort(picks.begin(), picks.end(),
            [&](int a, int b) { return choices[a].first < choices[b].first; });
  Solution solution{.picks = std::move(picks)};
  for (int pick : solution.picks) {
    solution.cost += choices[pick].cost;
    solution.latency += choices[pick].latency;
    solution.size += choices[pick].size;
  }
  return solution;
}

// The best cover by the choices `columns`; nothing when there is none.
Expected<std::optional<Solution>> SolveOver(const Problem& problem,
                                            const std::vector<int>& columns) {
  if (columns.empty()) return std::nullopt;
  const Solver highs(Highs_create());
  Highs_setBoolOptionValue(highs.get(), "output_flag", 0);
  Highs_setIntOptionValue(highs.get(), "threads", 1);
  Highs_setDoubleOptionValue(highs.get(), "mip_rel_gap", 0);
  Highs_setDoubleOptionValue(highs.get(), "mip_abs_gap", 1e-9);
  const Program program = MakeProgram(problem, columns);
  if (!Pass(highs.get(), program) || Highs_run(highs.get()) == kHighsStatusError) {
    return Fail(ErrorKind::kInternal, "HiGHS refuses the choice of candidates");
  }
  const HighsInt status = Highs_getModelStatus(highs.get());
  if (status == kHighsModelStatusInfeasible) return std::nullopt;
  if (status != kHighsModelStatusOptimal) {
    return Fail(ErrorKind::kInternal, "HiGHS stopped with model status " + std::to_string(status));
  }
  std::vector<double> values(columns.size()), rows(program.row_low.size());
  Highs_getSolution(highs.get(), values.data(), nullptr, rows.data(), nullptr);
  std::vector<int> picks;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (values[i] > 0.5) picks.push_back(columns[i]);
  }
  return Sum(problem.choices, std::move(picks));
}

// Exact, though few choices are looked at: no cover that costs at most `most` has a choice whose
// bound is above it, so when the best cover over the others costs at most `most`, it is the best of
// all.
Expected<std::optional<Solution>> SolvePriced(const Problem& problem, const Bounds& bounds,
                                              double& most) {
  constexpr double kWiden = 4;
  for (;;) {
    std::vector<int> columns;
    double widest = -std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < problem.choices.size(); ++i) {
      if (std::isinf(bounds.through[i])) continue;
      widest = std::max(widest, bounds.through[i]);
      if (bounds.through[i] <= most) columns.push_back(static_cast<int>(i));
    }
    NACRE_TRY(auto solution, SolveOver(problem, columns));
    if (widest <= most || (solution && solution->cost <= most)) return solution;
    const double wider = bounds.best + kWiden * (most - bounds.best);
    most = solution ? std::max(most, solution->cost) + 1e-9 : std::max(wider, most + 1e-6);
  }
}

// Where to start: the best cover lies between the bound and a rough one, mostly close to the bound.
double FirstGuess(const Problem& problem, const Bounds& bounds) {
  constexpr double kShare = 1.0 / 16;
  const Solution rough = problem.limits.latency > 0
                             ? SolveDynamic(problem.choices, problem.blocks, problem.limits.latency)
                             : Solution{};
  const double scale = std::max(std::abs(bounds.best), 1e-3);
  return bounds.best + (rough.picks.empty() ? 0.01 * scale : kShare * (rough.cost - bounds.best)) +
         1e-9 * scale;
}

}  // namespace

Expected<std::vector<Solution>> SolveBest(const std::vector<Choice>& choices, int blocks,
                                          const SolveLimits& limits, int count, int diversity) {
  for (const Choice& choice : choices) {
    if (choice.first < 0 || choice.last < choice.first || choice.last >= blocks) {
      throw std::logic_error("a choice covers blocks that are not there");
    }
    if (!std::isfinite(choice.cost + choice.latency + choice.size)) {
      return Fail(ErrorKind::kInternal,
                  "a choice's cost, latency or size is not finite: leave failed "
                  "candidates out");
    }
  }
  if (choices.empty() || blocks <= 0) return std::vector<Solution>();
  Problem problem{choices, blocks, limits, diversity, {}};
  const Bounds bounds = LowerBounds(choices, blocks, limits.latency);
  if (std::isinf(bounds.best)) return std::vector<Solution>();  // no cover within the limit
  double most = FirstGuess(problem, bounds);
  while (static_cast<int>(problem.found.size()) < count) {
    NACRE_TRY(auto solution, SolvePriced(problem, bounds, most));
    if (!solution) break;
    // The next one costs no less; how much more is a guess that costs little when wrong.
    most = std::max(most, solution->cost + 0.1 * (solution->cost - bounds.best));
    problem.found.push_back(std::move(*solution));
  }
  return std::move(problem.found);
}

}  // namespace nacre
