#include "pipeline/reserve.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "base/log.h"
#include "engine/shares.h"
#include "forecast/priors.h"

namespace nacre {
namespace {

// Compiling and timing a network in both forms at acceptance, over the same for the baselines: 82
// rounds for 31, of which the baselines' compilation is a good part.
constexpr double kTimingOverBaselines = 2;
// A finalist's INT8 over the original's: there is at least one version, and its accuracy.
constexpr double kInt8OverOriginals = 2;

int64_t FilesIn(const std::filesystem::path& folder) {
  int64_t count = 0;
  std::error_code failed;
  for (auto file = std::filesystem::recursive_directory_iterator(
           folder, std::filesystem::directory_options::follow_directory_symlink, failed);
       !failed && file != std::filesystem::end(file); file.increment(failed)) {
    count += file->is_directory(failed) ? 0 : 1;
  }
  return count;
}

Expected<Seconds> MostSecondsOf(RunServices& run, const std::string& kind) {
  NACRE_TRY(const auto jobs, run.store.JobsOfKind(kind));
  Seconds most{0};
  for (const Job& job : jobs) most = std::max(most, Seconds(job.seconds));
  return most;
}

}  // namespace

Expected<Seconds> SecondsOfInt8(RunServices& run) {
  NACRE_TRY(const Seconds originals, MostSecondsOf(run, "quantize"));
  return kInt8OverOriginals * originals;
}

Expected<Seconds> SecondsToFinish(RunServices& run, const Ingested& in, const Baselines& baselines,
                                  size_t finalists) {
  const std::string name = "seconds-to-finish " + in.original_hash;
  NACRE_TRY(auto decided, run.jobs.Decided(name));
  if (!decided) {
    NACRE_TRY(const Seconds int8, SecondsOfInt8(run));
    const double share = run.config.validation.empty() ? 1 - priors::kSelectingShare : 1;
    const double images = share * static_cast<double>(FilesIn(run.config.test));
    const Seconds judging =
        1e-6 * images * Seconds(baselines.fp32_latency.count() + baselines.int8_latency.count());
    NACRE_TRY(const Seconds timing, MostSecondsOf(run, "latency"));
    const Seconds accepting = kTimingOverBaselines * timing + judging;
    const auto count = static_cast<double>(finalists);
    decided = fmt::format("{:.1f}", (count * int8 + (1 + count) * accepting).count());
    NACRE_CHECK_OK(run.jobs.Decide(name, *decided));
  }
  return Seconds(std::stod(*decided));
}

Expected<bool> IsTimeToSearch(RunServices& run, const Ingested& in, Seconds to_finish) {
  // A longer budget goes on from what the ones before have found.
  if (run.budgets.size() > 1) return true;
  const std::string name = "time-to-search " + in.original_hash;
  NACRE_TRY(auto decided, run.jobs.Decided(name));
  if (!decided) {
    const Seconds left = run.budget.At(1) - to_finish - run.budget.clock().Now();
    decided = left >= Seconds(shares::kLeastSearchSeconds) ? "yes" : "no";
    NACRE_CHECK_OK(run.jobs.Decide(name, *decided));
  }
  if (*decided == "yes") return true;
  Warn(fmt::format(
      "{} of {} are spent, and INT8 and acceptance take about {:.0f} s: no time is left "
      "to train",
      PrintDuration(Seconds(std::round(run.budget.Spent().count()))),
      PrintDuration(run.budget.Total()), to_finish.count()));
  return false;
}

Expected<bool> IsTimeForInt8Loss(RunServices& run) {
  NACRE_TRY(const Seconds int8, SecondsOfInt8(run));
  return int8 <= shares::kInt8LossMost * run.budgets.back();
}

}  // namespace nacre
