#include "search/solver.h"

#include <interfaces/highs_c_api.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace nacre {
namespace {

// HiGHS through its C interface: the wheel is built with the old C++ ABI, so its C++ functions that take strings do not
// link.
struct Destroy {
  void operator()(void* highs) const { Highs_destroy(highs); }
};
using Solver = std::unique_ptr<void, Destroy>;

struct Program {
  std::vector<double> cost, low, high, row_low, row_high, value;
  std::vector<HighsInt> integrality, start, index;
};

// Binary program: one column a choice; each block covered exactly once.
Program MakeProgram(const std::vector<Choice>& choices, int blocks, const SolveLimits& limits) {
  Program p;
  p.low.assign(choices.size(), 0);
  p.high.assign(choices.size(), 1);
  p.integrality.assign(choices.size(), kHighsVarTypeInteger);
  p.row_low.assign(static_cast<size_t>(blocks), 1);
  p.row_high = p.row_low;
  for (double bound : {limits.latency, limits.size}) {
    if (bound <= 0) continue;
    p.row_low.push_back(-1e30);
    p.row_high.push_back(bound);
  }
  const auto entry = [&p](HighsInt row, double value) {
    p.index.push_back(row);
    p.value.push_back(value);
  };
  for (const Choice& choice : choices) {
    p.cost.push_back(choice.cost);
    p.start.push_back(static_cast<HighsInt>(p.index.size()));
    for (int block = choice.first; block <= choice.last; ++block) entry(block, 1);
    HighsInt row = blocks;
    if (limits.latency > 0) entry(row++, choice.latency);
    if (limits.size > 0) entry(row, choice.size);
  }
  return p;
}

bool Pass(void* highs, const Program& p) {
  return Highs_passMip(highs, static_cast<HighsInt>(p.cost.size()),
                       static_cast<HighsInt>(p.row_low.size()), static_cast<HighsInt>(p.index.size()),
                       kHighsMatrixFormatColwise, kHighsObjSenseMinimize, 0, p.cost.data(),
                       p.low.data(), p.high.data(), p.row_low.data(), p.row_high.data(),
                       p.start.data(), p.index.data(), p.value.data(),
                       p.integrality.data()) != kHighsStatusError;
}

Solution Read(const std::vector<Choice>& choices, const std::vector<double>& values) {
  Solution solution;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (values[i] < 0.5) continue;
    solution.picks.push_back(static_cast<int>(i));
    solution.cost += choices[i].cost;
    solution.latency += choices[i].latency;
    solution.size += choices[i].size;
  }
  std::sort(solution.picks.begin(), solution.picks.end(),
            [&](int a, int b) { return choices[a].first < choices[b].first; });
  return solution;
}

// At most |picks| - diversity of them may be picked again. A solution of fewer picks than `diversity` is only forbidden
// to come back whole.
void Forbid(void* highs, const Solution& solution, int diversity) {
  const std::vector<HighsInt> index(solution.picks.begin(), solution.picks.end());
  const std::vector<double> ones(index.size(), 1);
  const double most = std::max(0.0, static_cast<double>(index.size()) - std::max(1, diversity));
  Highs_addRow(highs, -1e30, most, static_cast<HighsInt>(index.size()), index.data(), ones.data());
}

}  // namespace

Expected<std::vector<Solution>> SolveBest(const std::vector<Choice>& choices, int blocks,
                                          const SolveLimits& limits, int count, int diversity) {
  for (const Choice& choice : choices) {
    if (choice.first < 0 || choice.last < choice.first || choice.last >= blocks) {
      throw std::logic_error("a choice covers blocks that are not there");
    }
  }
  if (choices.empty() || blocks <= 0) return std::vector<Solution>();
  const Solver highs(Highs_create());
  Highs_setBoolOptionValue(highs.get(), "output_flag", 0);
  Highs_setIntOptionValue(highs.get(), "threads", 1);
  Highs_setDoubleOptionValue(highs.get(), "mip_rel_gap", 0);
  Highs_setDoubleOptionValue(highs.get(), "mip_abs_gap", 1e-9);
  const Program program = MakeProgram(choices, blocks, limits);
  if (!Pass(highs.get(), program)) {
    return Fail(ErrorKind::kInternal, "the solver refuses the program");
  }
  std::vector<Solution> solutions;
  std::vector<double> values(choices.size()), rows(program.row_low.size() + static_cast<size_t>(count));
  for (int k = 0; k < count; ++k) {
    if (Highs_run(highs.get()) == kHighsStatusError) {
      return Fail(ErrorKind::kInternal, "the solver failed");
    }
    if (Highs_getModelStatus(highs.get()) != kHighsModelStatusOptimal) break;
    Highs_getSolution(highs.get(), values.data(), nullptr, rows.data(), nullptr);
    solutions.push_back(Read(choices, values));
    Forbid(highs.get(), solutions.back(), diversity);
  }
  return solutions;
}

}  // namespace nacre
