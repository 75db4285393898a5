#include "pipeline/rounds.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipeline/config.h"

namespace nacre {
namespace {

constexpr char kNote[] = "rounds";       // ends of all rounds, seconds
constexpr char kEnded[] = "rounds-ended";  // how many of them

Expected<std::vector<Seconds>> Noted(Run& run) {
  NACRE_TRY(const auto note, run.Note(kNote));
  std::vector<Seconds> ends;
  if (!note) return ends;
  for (const auto& end : nlohmann::json::parse(*note)) ends.emplace_back(end.get<double>());
  return ends;
}

Expected<void> Note(Run& run, const std::vector<Seconds>& ends) {
  nlohmann::json json = nlohmann::json::array();
  for (const Seconds end : ends) json.push_back(end.count());
  NACRE_CHECK_OK(run.LogEvent(nlohmann::json{{"event", "round"}, {"ends", json}}.dump()));
  return run.SetNote(kNote, json.dump());
}

Expected<void> CheckRound(Seconds before, Seconds wanted) {
  const Seconds least = before == Seconds(0) ? kLeastBudget : before + kLeastRound;
  if (wanted >= least) return {};
  return Fail(ErrorKind::kUsage, fmt::format("--budget {}: nothing can be trained in that{}; give at least {}", PrintDuration(wanted),
                                             before == Seconds(0) ? "" : fmt::format(", the run had {} before", PrintDuration(before)),
                                             PrintDuration(least)));
}

}  // namespace

Expected<std::vector<Seconds>> PlanRounds(Run& run, Seconds first, std::optional<Seconds> wanted) {
  NACRE_TRY(const std::vector<Seconds> noted, Noted(run));
  NACRE_TRY(const auto ended, run.Note(kEnded));
  const size_t done = ended ? std::stoul(*ended) : 0;
  std::vector<Seconds> ends = noted.empty() ? std::vector<Seconds>{first} : noted;
  if (wanted && *wanted != ends.back()) {
    if (done < ends.size()) ends.pop_back();
    NACRE_CHECK_OK(CheckRound(ends.empty() ? Seconds(0) : ends.back(), *wanted));
    ends.push_back(*wanted);
  }
  if (ends != noted) NACRE_CHECK_OK(Note(run, ends));
  return ends;
}

Expected<void> EndRound(Run& run) {
  NACRE_TRY(const std::vector<Seconds> ends, Noted(run));
  NACRE_CHECK_OK(run.SetNote(kEnded, fmt::format("{}", ends.size())));
  return run.LogEvent(nlohmann::json{{"event", "ended"}}.dump());
}

}  // namespace nacre
