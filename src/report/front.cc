// front.json and front.csv.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/figures.h"
#include "report/report.h"

namespace nacre {

using namespace report_internal;

namespace {

nlohmann::json IntervalJson(const RatioInterval& ratio) { return {ratio.low, ratio.high}; }

nlohmann::json EntryJson(const Report& report, const FrontEntry& entry) {
  const ModelFigures& served = ServedFigures(report, entry);
  return {{"id", entry.id},
          {"path", entry.path},
          {"role", entry.role},
          {"metric", MetricKey(report)},
          {"accuracy", served.accuracy.value},
          {"accuracy_ci", {served.accuracy.low, served.accuracy.high}},
          {"accuracy_fp32", entry.fp32.accuracy.value},
          {"latency_ms", served.latency.median_ms},
          {"latency_ci_ms", {served.latency.low_ms, served.latency.high_ms}},
          {"latency_p90_ms", served.latency.p90_ms},
          {"images_per_second", ImagesPerSecond(report, served)},
          {"speedup_over_int8", entry.speedup_over_int8.median},
          {"speedup_over_int8_ci", IntervalJson(entry.speedup_over_int8)},
          {"speedup_over_fp32", entry.speedup_over_fp32.median},
          {"speedup_over_fp32_ci", IntervalJson(entry.speedup_over_fp32)},
          {"size_bytes", served.size_bytes},
          {"memory_bytes", served.memory_bytes},
          {"macs", served.macs},
          {"parameters", served.parameters},
          {"architecture", entry.architecture},
          {"drop", entry.drop ? nlohmann::json(entry.drop->value) : nlohmann::json()},
          {"drop_low", entry.drop ? nlohmann::json(entry.drop->low) : nlohmann::json()},
          {"drop_high", entry.drop ? nlohmann::json(entry.drop->high) : nlohmann::json()},
          {"certified", entry.certified},
          {"looks", report.looks},
          {"meets_limit", entry.meets_limit},
          {"broken", entry.broken},
          {"on_front", entry.on_front}};
}

// Loss and bounds; empty where they are not known.
std::string DropCells(const FrontEntry& entry) {
  if (!entry.drop) return ",,";
  return fmt::format("{:.6f},{:.6f},{:.6f}", entry.drop->value, entry.drop->low, entry.drop->high);
}

// A field as RFC 4180 wants it: quoted when it holds a comma, a quote or a line end.
std::string EscapeCsv(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string FrontJson(const Report& report) {
  nlohmann::json entries = nlohmann::json::array();
  for (const FrontEntry& entry : report.front) entries.push_back(EntryJson(report, entry));
  return entries.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string FrontCsv(const Report& report) {
  std::string text =
      "rank,id,path,accuracy,accuracy_low,accuracy_high,latency_ms,speedup_over_int8,"
      "speedup_over_fp32,size_bytes,memory_bytes,meets_limit,on_front,"
      "drop,drop_low,drop_high,certified\n";
  for (size_t rank = 0; rank < report.front.size(); ++rank) {
    const FrontEntry& entry = report.front[rank];
    const ModelFigures& served = ServedFigures(report, entry);
    text += fmt::format("{},{},{},{:.6f},{:.6f},{:.6f},{:.6f},{:.4f},{:.4f},{},{},{},{},{},{}\n",
                        rank + 1, EscapeCsv(entry.id), EscapeCsv(entry.path), served.accuracy.value,
                        served.accuracy.low, served.accuracy.high, served.latency.median_ms,
                        entry.speedup_over_int8.median, entry.speedup_over_fp32.median,
                        served.size_bytes, served.memory_bytes, entry.meets_limit, entry.on_front,
                        DropCells(entry), entry.certified);
  }
  return text;
}

}  // namespace nacre
