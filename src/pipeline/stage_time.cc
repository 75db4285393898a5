#include "pipeline/stage_time.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "engine/shares.h"

namespace nacre {
namespace {

Budget FirstBudget(const RunServices& run) {
  return run.budget.Part(Seconds(0), run.budgets.front());
}

// Whether another piece, as long as the mean of those before, would end about in time.
bool IsTimeForAnother(Seconds now, Seconds start, size_t done, Seconds end) {
  const Seconds mean = done == 0 ? Seconds(0) : (now - start) / static_cast<double>(done);
  return now + 0.5 * mean < end;
}

}  // namespace

Expected<size_t> DoInTime(RunServices& run, const Pieces& pieces,
                          const std::function<Expected<void>(size_t)>& piece) {
  const std::string name = "pieces of " + pieces.name;
  NACRE_TRY(const auto decided, run.jobs.Decided(name));
  const size_t most = decided ? std::stoul(*decided) : pieces.all;
  const Clock& clock = run.budget.clock();
  const Seconds start = clock.Now();
  size_t done = 0;
  for (; done < std::min(most, pieces.all); ++done) {
    const bool must = decided || done < pieces.least;
    if (!must && !IsTimeForAnother(clock.Now(), start, done, pieces.end)) break;
    NACRE_CHECK_OK(piece(done));
  }
  if (!decided) NACRE_CHECK_OK(run.jobs.Decide(name, std::to_string(done)));
  return done;
}

Expected<double> ShareLeft(RunServices& run, const std::string& name) {
  const std::string decision = "share-left " + name;
  NACRE_TRY(auto decided, run.jobs.Decided(decision));
  if (!decided) {
    const Budget first = FirstBudget(run);
    const Seconds left = first.At(shares::kTraining) - first.clock().Now();
    const Seconds planned = (shares::kTraining - shares::kPriced) * first.Length();
    const double share = std::clamp<double>(left / planned, shares::kLeastShareLeft, 1.0);
    decided = fmt::format("{:.3f}", share);
    NACRE_CHECK_OK(run.jobs.Decide(decision, *decided));
    if (share < 1) {
      Info(fmt::format("{:.0f} % of the budget is left: later stages have {:.0f} % of their time",
                       100 * (left / first.Length()), 100 * share));
    }
  }
  return std::stod(*decided);
}

}  // namespace nacre
