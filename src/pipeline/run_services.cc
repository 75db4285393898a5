#include "pipeline/run_services.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace nacre {

void BeginStage(RunServices& run, const std::string& name) { run.progress.Stage(name); }

Expected<void> EndStage(RunServices& run, const std::string& name, Seconds took) {
  NACRE_CHECK_OK(run.store.SetNote("spent", fmt::format("{}", run.budget.Spent().count())));
  NACRE_CHECK_OK(run.store.SetNote(kLastStageNote, name));
  return run.store.LogEvent(
      nlohmann::json{{"event", "stage"}, {"stage", name}, {"seconds", took.count()}}.dump());
}

}  // namespace nacre
