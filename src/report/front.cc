#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/report.h"

namespace nacre {
namespace {

double ImagesPerSecond(const Report& report, const ModelFigures& f) {
  return f.latency.median_ms > 0 ? 1e3 * static_cast<double>(report.batch) / f.latency.median_ms
                                 : 0;
}

// The figures of the network that the target runs.
const ModelFigures& Served(const Report& report, const FrontEntry& entry) {
  return report.precision == "int8" ? entry.int8 : entry.fp32;
}

nlohmann::json EntryJson(const Report& report, const FrontEntry& entry) {
  const ModelFigures& served = Served(report, entry);
  const auto interval = [](const RatioInterval& r) { return nlohmann::json{r.low, r.high}; };
  return {{"id", entry.id},
          {"path", entry.path},
          {"accuracy", served.accuracy.value},
          {"accuracy_ci", {served.accuracy.low, served.accuracy.high}},
          {"accuracy_fp32", entry.fp32.accuracy.value},
          {"latency_ms", served.latency.median_ms},
          {"latency_ci_ms", {served.latency.low_ms, served.latency.high_ms}},
          {"latency_p90_ms", served.latency.p90_ms},
          {"images_per_second", ImagesPerSecond(report, served)},
          {"speedup_over_int8", entry.speedup_over_int8.median},
          {"speedup_over_int8_ci", interval(entry.speedup_over_int8)},
          {"speedup_over_fp32", entry.speedup_over_fp32.median},
          {"speedup_over_fp32_ci", interval(entry.speedup_over_fp32)},
          {"size_bytes", served.size_bytes},
          {"memory_bytes", served.memory_bytes},
          {"macs", served.macs},
          {"parameters", served.parameters},
          {"architecture", entry.architecture},
          {"meets_limit", entry.meets_limit},
          {"broken", entry.broken}};
}

}  // namespace

std::string FrontJson(const Report& report) {
  nlohmann::json entries = nlohmann::json::array();
  for (const FrontEntry& entry : report.front) entries.push_back(EntryJson(report, entry));
  return entries.dump(2) + "\n";
}

std::string FrontCsv(const Report& report) {
  std::string text =
      "rank,id,path,accuracy,accuracy_low,accuracy_high,latency_ms,speedup_over_int8,"
      "speedup_over_fp32,size_bytes,memory_bytes,meets_limit\n";
  for (size_t rank = 0; rank < report.front.size(); ++rank) {
    const FrontEntry& entry = report.front[rank];
    const ModelFigures& served = Served(report, entry);
    text += fmt::format("{},{},{},{:.6f},{:.6f},{:.6f},{:.6f},{:.4f},{:.4f},{},{},{}\n", rank + 1,
                        entry.id, entry.path, served.accuracy.value, served.accuracy.low,
                        served.accuracy.high, served.latency.median_ms,
                        entry.speedup_over_int8.median, entry.speedup_over_fp32.median,
                        served.size_bytes, served.memory_bytes, entry.meets_limit);
  }
  return text;
}

std::string ReportText(const Report& report) {
  std::string text = fmt::format("{:<12} {:>9} {:>10} {:>10} {:>10} {:>10} {:>9}\n", "", "accuracy",
                                 "ms", "images/s", "over INT8", "over FP32", "KiB");
  const auto row = [&](const std::string& name, const ModelFigures& f, const std::string& int8,
                       const std::string& fp32, const std::string& remark) {
    text += fmt::format("{:<12} {:>8.2f}% {:>10.4f} {:>10.0f} {:>10} {:>10} {:>9.0f}{}\n", name,
                        100 * f.accuracy.value, f.latency.median_ms, ImagesPerSecond(report, f),
                        int8, fp32, f.size_bytes / 1024.0, remark);
  };
  row("FP32 before", report.baseline_fp32, "", "1x", "");
  row("INT8 before", report.baseline_int8, "1x", "", "");
  for (const FrontEntry& entry : report.front) {
    row(entry.id, Served(report, entry), fmt::format("{:.2f}x", entry.speedup_over_int8.median),
        fmt::format("{:.2f}x", entry.speedup_over_fp32.median),
        entry.meets_limit      ? ""
        : entry.broken.empty() ? "  below the limit"
                               : "  " + entry.broken);
  }
  const Accuracy& a = report.baseline_fp32.accuracy;
  text += fmt::format(
      "accuracy on {} unseen images, 95 % interval about +-{:.2f} points; limit "
      "{:.2f} %",
      a.images, 50 * (a.high - a.low), 100 * a.value * (1 - report.max_drop));
  return text;
}

}  // namespace nacre
