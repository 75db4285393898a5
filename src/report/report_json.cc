#include <nlohmann/json.hpp>
#include <stdexcept>

#include "report/report.h"

namespace nacre {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Accuracy, value, low, high, images)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LatencyInterval, median_ms, low_ms, high_ms, p90_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RatioInterval, median, low, high)
// What older runs did not write keeps its default.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ModelFigures, accuracy, latency, size_bytes, macs,
                                                parameters, memory_bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BlockRow, blocks, before, after, before_us, after_us)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(FrontEntry, id, path, architecture, int8, fp32,
                                                speedup_over_int8, speedup_over_fp32, meets_limit,
                                                broken, blocks)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TrialDot, id, latency_us, accuracy, rung, error)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StageCost, stage, seconds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Report, title, command, config_toml,
                                                environment_json, precision, batch, objective,
                                                max_drop, baseline_fp32, baseline_int8, front,
                                                trials, cost, baseline_training_seconds, notes)

std::string ReportJson(const Report& report) { return nlohmann::json(report).dump(2) + "\n"; }

Report ReportFromJson(const std::string& json) {
  try {
    const auto parsed = nlohmann::json::parse(json);
    for (const char* key : {"title", "baseline_fp32", "baseline_int8", "front"}) parsed.at(key);
    return parsed.get<Report>();
  } catch (const nlohmann::json::exception& error) {
    throw std::logic_error(std::string("not a report: ") + error.what());
  }
}

}  // namespace nacre
