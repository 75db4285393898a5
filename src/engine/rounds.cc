#include "engine/rounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/config.h"
#include "engine/shares.h"

namespace nacre {
namespace {

constexpr char kNote[] = "budgets";         // all totals, seconds
constexpr char kEnded[] = "budgets-ended";  // how many of them

Expected<std::vector<Seconds>> Noted(Run& run) {
  NACRE_TRY(const auto note, run.Note(kNote));
  std::vector<Seconds> totals;
  if (!note) return totals;
  for (const auto& total : nlohmann::json::parse(*note)) totals.emplace_back(total.get<double>());
  return totals;
}

Expected<void> Note(Run& run, const std::vector<Seconds>& totals) {
  nlohmann::json json = nlohmann::json::array();
  for (const Seconds total : totals) json.push_back(total.count());
  NACRE_CHECK_OK(run.LogEvent(nlohmann::json{{"event", "budget"}, {"totals", json}}.dump()));
  return run.SetNote(kNote, json.dump());
}

Expected<void> CheckLater(Seconds before, Seconds wanted) {
  const Seconds least = before + Seconds(shares::kLeastMore);
  if (wanted >= least) return {};
  return Fail(
      ErrorKind::kUsage,
      fmt::format("--budget {}: nothing can be trained in that, the run had {} before; give "
                  "at least {}",
                  PrintDuration(wanted), PrintDuration(before), PrintDuration(least)));
}

}  // namespace

Expected<void> CheckFirstBudget(Seconds budget, const std::string& name) {
  const Seconds least(shares::kLeastBudget);
  if (budget >= least) return {};
  return Fail(ErrorKind::kUsage,
              fmt::format("{} {}: nothing can be trained in that; give at least {}", name,
                          PrintDuration(budget), PrintDuration(least)));
}

Expected<std::vector<Seconds>> PlanBudgets(Run& run, Seconds first, std::optional<Seconds> wanted) {
  NACRE_TRY(const std::vector<Seconds> noted, Noted(run));
  NACRE_TRY(const auto ended, run.Note(kEnded));
  const size_t done = ended ? std::stoul(*ended) : 0;
  std::vector<Seconds> totals = noted.empty() ? std::vector<Seconds>{first} : noted;
  if (wanted && *wanted != totals.back()) {
    if (done < totals.size()) totals.pop_back();
    NACRE_CHECK_OK(totals.empty() ? CheckFirstBudget(*wanted, "--budget")
                                  : CheckLater(totals.back(), *wanted));
    totals.push_back(*wanted);
  }
  if (totals != noted) NACRE_CHECK_OK(Note(run, totals));
  return totals;
}

Expected<void> EndBudget(Run& run) {
  NACRE_TRY(const std::vector<Seconds> totals, Noted(run));
  NACRE_CHECK_OK(run.SetNote(kEnded, fmt::format("{}", totals.size())));
  return run.LogEvent(nlohmann::json{{"event", "ended"}}.dump());
}

std::vector<Round> RoundsOf(const std::vector<Seconds>& budgets, Seconds to_finish) {
  std::vector<Round> rounds;
  Seconds begin{0};
  for (size_t k = 0; k < budgets.size(); ++k) {
    const Seconds whole = budgets[k] - begin;
    const Seconds length =
                      std::clamp<Seconds>(whole - to_finish, shares::kLeastTrainingShare * whole,
                                          shares::kTraining * whole),
                  first = shares::kFirstRound * length;
    if (whole < Seconds(shares::kLongBudget)) {
      rounds.push_back({k, begin, begin + length});
    } else {
      rounds.push_back({k, begin, begin + first, 1, shares::kFinalOfLaterRound * (length - first)});
      rounds.push_back({k, begin + first, begin + length, 1});
    }
    begin = budgets[k];
  }
  return rounds;
}

}  // namespace nacre
