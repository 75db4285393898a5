// The table for the terminal.
#include <fmt/format.h>

#include "report/figures.h"
#include "report/report.h"

namespace nacre {

using namespace report_internal;

namespace {

struct Row {
  std::string name;
  const ModelFigures& figures;
  std::string over_int8, over_fp32;  // empty: not compared
  std::string remark;
};

std::string Print(const Report& report, const Row& row) {
  const ModelFigures& f = row.figures;
  const std::string remark = row.remark.empty() ? "" : "  " + row.remark;
  return fmt::format("{:<12} {:>8.2f}% {:>10.4f} {:>10.0f} {:>10} {:>10} {:>9.0f}{}\n", row.name,
                     100 * f.accuracy.value, f.latency.median_ms, ImagesPerSecond(report, f),
                     row.over_int8, row.over_fp32, f.size_bytes / 1024.0, remark);
}

std::string PrintRatio(const RatioInterval& ratio) { return fmt::format("{:.2f}x", ratio.median); }

// Which results the bound of the loss clears, too; the fastest is what matters.
std::string CertifiedLine(const Report& report) {
  const FrontEntry* fastest = nullptr;
  for (const FrontEntry& entry : report.front) {
    const bool faster =
        fastest == nullptr || entry.speedup_over_int8.median > fastest->speedup_over_int8.median;
    if (entry.certified && entry.meets_limit && faster) fastest = &entry;
  }
  const bool known = !report.front.empty() && report.front.front().drop;
  if (!known) return "";
  if (fastest == nullptr) return "\nno result's 95 % bound on its loss is within the limit";
  return fmt::format("\nthe loss is certified (95 % bound within the limit) up to {}: {}",
                     PrintRatio(fastest->speedup_over_int8), fastest->id);
}

std::string LooksLine(const Report& report) {
  if (report.looks < 2) return "";
  return fmt::format("\nlook {} at these test images: their verdict is kinder with every look",
                     report.looks);
}

}  // namespace

std::string ReportText(const Report& report) {
  std::string text =
      fmt::format("{:<12} {:>9} {:>10} {:>10} {:>10} {:>10} {:>9}\n", "", MeasureName(report), "ms",
                  "images/s", "over INT8", "over FP32", "KiB");
  text += Print(report, {"FP32 before", report.baseline_fp32, "", "1x", ""});
  text += Print(report, {"INT8 before", report.baseline_int8, "1x", "", ""});
  for (const FrontEntry& entry : report.front) {
    text +=
        Print(report, {entry.id, ServedFigures(report, entry), PrintRatio(entry.speedup_over_int8),
                       PrintRatio(entry.speedup_over_fp32), Shortcoming(entry)});
  }
  const Accuracy& a = report.baseline_fp32.accuracy;
  text += fmt::format("{} on {} unseen images, 95 % interval about +-{:.2f} points; limit {:.2f} %",
                      MeasureTitle(report), a.images, 50 * (a.high - a.low),
                      100 * AccuracyLimit(report));
  return text + CertifiedLine(report) + LooksLine(report);
}

}  // namespace nacre
