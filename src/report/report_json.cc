// report.json: the whole Report, written and read back.
#include <algorithm>
#include <filesystem>
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
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Drop, value, low, high)

static void to_json(nlohmann::json& json, const std::optional<Drop>& drop) {
  json = drop ? nlohmann::json(*drop) : nlohmann::json();
}

static void from_json(const nlohmann::json& json, std::optional<Drop>& drop) {
  drop = json.is_null() ? std::nullopt : std::optional(json.get<Drop>());
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BlockRow, blocks, before, after, before_us, after_us)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(FrontEntry, id, path, architecture, role, int8,
                                                fp32, speedup_over_int8, speedup_over_fp32, drop,
                                                certified, misses_certificate, meets_limit, broken,
                                                on_front, blocks)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TrialDot, id, latency_us, accuracy, rung, error)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StageCost, stage, seconds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ShownBox, x0, y0, x1, y1, label)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ShownPicture, data, width, height, truth, original, result)

static void to_json(nlohmann::json& json, const MaxDrop& drop) { json = ToString(drop); }

// Reports of older versions hold a relative loss as a number.
static void from_json(const nlohmann::json& json, MaxDrop& drop) {
  if (json.is_number()) {
    drop = {.value = json.get<double>()};
    return;
  }
  const auto parsed = ParseMaxDrop(json.get<std::string>());
  if (!parsed) throw std::runtime_error("unknown loss of accuracy " + json.dump());
  drop = *parsed;
}

static void to_json(nlohmann::json& json, const Precision& precision) {
  json = PrecisionName(precision);
}

static void from_json(const nlohmann::json& json, Precision& precision) {
  const auto parsed = ParsePrecision(json.get<std::string>());
  if (!parsed) throw std::runtime_error("unknown precision " + json.dump());
  precision = *parsed;
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Report, title, command, config_toml,
                                                environment_json, precision, batch, objective,
                                                metric, agreement, max_drop, baseline_fp32,
                                                baseline_int8, front, looks, trials, cost,
                                                baseline_training_seconds, pictures, notes)

namespace {

// The library's messages begin with "[json.exception.type_error.302] ", which helps nobody.
std::string StripPrefix(const std::string& message) {
  const size_t end = message.find("] ");
  return message.starts_with('[') && end != std::string::npos ? message.substr(end + 2) : message;
}

}  // namespace

std::string ReportJson(const Report& report) {
  const nlohmann::json json = report;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

namespace {

// A report may come from a stranger: what it names is copied from.
bool LeadsOut(const std::filesystem::path& path) {
  return path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
}

}  // namespace

Expected<Report> ReportFromJson(const std::string& json) {
  try {
    const auto parsed = nlohmann::json::parse(json);
    for (const char* key : {"title", "baseline_fp32", "baseline_int8", "front"}) parsed.at(key);
    auto report = parsed.get<Report>();
    for (const FrontEntry& entry : report.front) {
      if (LeadsOut(entry.path))
        return Fail(ErrorKind::kInternal,
                    "it is not a report: the path '" + entry.path + "' leads out of its folder");
    }
    return report;
  } catch (const std::exception& error) {
    return Fail(ErrorKind::kInternal, "it is not a report: " + StripPrefix(error.what()));
  }
}

}  // namespace nacre
