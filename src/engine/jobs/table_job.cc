#include "engine/jobs/table_job.h"

#include <nlohmann/json.hpp>

#include "cost/profile.h"

namespace nacre {

JobSpec TableSpec(const ArtifactHash& fragments, LatencyTable table, const Target& target) {
  table.entries.clear();
  return {
      .kind = "table",
      .parameters = nlohmann::json{{"table", ToJson(table)}, {"target", target.ToString()}}.dump(),
      .inputs = {fragments},
      .label = "latency of fragments"};
}

Expected<LatencyTable> ReadTablePart(const JobResult& result) {
  return LatencyTableFromJson(result.value);
}

Expected<JobResult> RunTable(const JobSpec& job, const Workplace& place) {
  const auto parameters = nlohmann::json::parse(job.parameters);
  NACRE_TRY(const Target target, Target::Parse(parameters["target"].get<std::string>()));
  NACRE_TRY(LatencyTable table, LatencyTableFromJson(parameters["table"].get<std::string>()));
  NACRE_TRY(const auto fragments, place.materials.GetNetworks(job.inputs.at(0)));
  NACRE_CHECK_OK(Extend(table, fragments, TimesOn(target)));
  return JobResult{.value = ToJson(table)};
}

}  // namespace nacre
