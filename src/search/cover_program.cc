#include "search/cover_program.h"

#include <interfaces/highs_c_api.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "search/cover.h"

namespace nacre::search_internal {
namespace {

// HiGHS through its C interface: the wheel is built with the old C++ ABI, so its C++ functions that
// take strings do not link (decision 1).
struct Destroy {
  void operator()(void* highs) const { Highs_destroy(highs); }
};
using Solver = std::unique_ptr<void, Destroy>;

// HiGHS takes a bound this low for none.
constexpr double kNoBound = -1e30;

// A binary program as HiGHS takes it, column by column. Its columns are choices.
class Program {
 public:
  Program(const CoverProblem& problem, const std::vector<int>& columns) : problem_(problem) {
    AddRows();
    for (int column : columns) AddColumn(column);
    low_.assign(columns.size(), 0);
    high_.assign(columns.size(), 1);
    integrality_.assign(columns.size(), kHighsVarTypeInteger);
  }

  bool PassTo(void* highs) const {
    return Highs_passMip(highs, Size(loss_), Size(row_low_), Size(index_),
                         kHighsMatrixFormatColwise, kHighsObjSenseMinimize, 0, loss_.data(),
                         low_.data(), high_.data(), row_low_.data(), row_high_.data(),
                         start_.data(), index_.data(), value_.data(),
                         integrality_.data()) != kHighsStatusError;
  }

  size_t rows() const { return row_low_.size(); }

 private:
  template <typename T>
  static HighsInt Size(const std::vector<T>& items) {
    return static_cast<HighsInt>(items.size());
  }

  // Each block is covered exactly once; then the limits, and one row for each solution found.
  void AddRows() {
    row_low_.assign(static_cast<size_t>(problem_.blocks), 1);
    row_high_ = row_low_;
    if (problem_.limits.cost > 0) cost_row_ = AddRow(problem_.limits.cost);
    if (problem_.limits.second > 0) second_row_ = AddRow(problem_.limits.second);
    first_found_row_ = Size(row_low_);
    for (const Solution& solution : problem_.found) AddRow(MostShared(solution));
  }

  HighsInt AddRow(double most) {
    row_low_.push_back(kNoBound);
    row_high_.push_back(most);
    return Size(row_low_) - 1;
  }

  // The picks that another solution may share with this one. A solution of fewer picks than
  // `diversity` gives none of them back.
  double MostShared(const Solution& solution) const {
    const int shared = static_cast<int>(solution.picks.size()) - std::max(1, problem_.diversity);
    return std::max(0, shared);
  }

  void AddColumn(int column) {
    const Choice& choice = problem_.choices[column];
    loss_.push_back(choice.loss);
    start_.push_back(Size(index_));
    for (int block = choice.first; block <= choice.last; ++block) AddEntry(block, 1);
    if (cost_row_) AddEntry(*cost_row_, choice.cost);
    if (second_row_) AddEntry(*second_row_, choice.second);
    for (size_t i = 0; i < problem_.found.size(); ++i) {
      const std::vector<int>& picks = problem_.found[i].picks;
      const bool shared = std::find(picks.begin(), picks.end(), column) != picks.end();
      if (shared) AddEntry(first_found_row_ + static_cast<HighsInt>(i), 1);
    }
  }

  void AddEntry(HighsInt row, double value) {
    index_.push_back(row);
    value_.push_back(value);
  }

  const CoverProblem& problem_;
  std::optional<HighsInt> cost_row_, second_row_;
  HighsInt first_found_row_ = 0;
  std::vector<double> loss_, low_, high_, row_low_, row_high_, value_;
  std::vector<HighsInt> integrality_, start_, index_;
};

Solver MakeSolver() {
  Solver highs(Highs_create());
  Highs_setBoolOptionValue(highs.get(), "output_flag", 0);
  Highs_setIntOptionValue(highs.get(), "threads", 1);
  Highs_setDoubleOptionValue(highs.get(), "mip_rel_gap", 0);
  Highs_setDoubleOptionValue(highs.get(), "mip_abs_gap", 1e-9);
  return highs;
}

}  // namespace

Expected<std::optional<Solution>> SolveOver(const CoverProblem& problem,
                                            const std::vector<int>& columns) {
  if (columns.empty()) return std::nullopt;
  const Solver highs = MakeSolver();
  const Program program(problem, columns);
  if (!program.PassTo(highs.get()) || Highs_run(highs.get()) == kHighsStatusError) {
    return Fail(ErrorKind::kInternal, "HiGHS does not accept the program of candidates");
  }
  const HighsInt status = Highs_getModelStatus(highs.get());
  if (status == kHighsModelStatusInfeasible) return std::nullopt;
  if (status != kHighsModelStatusOptimal) {
    return Fail(ErrorKind::kInternal, "HiGHS stopped with model status " + std::to_string(status));
  }
  std::vector<double> values(columns.size());
  std::vector<double> rows(program.rows());
  Highs_getSolution(highs.get(), values.data(), nullptr, rows.data(), nullptr);
  std::vector<int> picks;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (values[i] > 0.5) picks.push_back(columns[i]);
  }
  return SolutionOf(problem.choices, std::move(picks));
}

}  // namespace nacre::search_internal
