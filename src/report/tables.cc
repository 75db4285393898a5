#include <fmt/format.h>

#include "report/figures.h"
#include "report/html.h"

namespace nacre::report_internal {
namespace {

std::string Table(const std::string& head, const std::string& rows) {
  return "<div class=scroll><table><thead><tr>" + head + "</tr></thead><tbody>" + rows +
         "</tbody></table></div>\n";
}

std::string RatioCell(const RatioInterval& ratio) {
  return fmt::format("{:.2f}x <span class=soft>({:.2f}-{:.2f})</span>", ratio.median, ratio.low,
                     ratio.high);
}

// The loss, and the bound that it stays below.
std::string DropCell(const Report& report, const FrontEntry& entry) {
  if (!entry.drop) return "";
  return fmt::format("{:.2f} {} <span class=soft>({:.2f})</span>{}", 100 * entry.drop->value,
                     report.max_drop.in_points ? "pt" : "%", 100 * entry.drop->high,
                     entry.certified ? " certified" : "");
}

struct NetworkRow {
  std::string name;  // HTML
  const ModelFigures& figures;
  std::string over_int8, over_fp32, drop, on_front;  // HTML; empty for the originals
  bool is_good = true;
};

std::string Print(const NetworkRow& row) {
  const ModelFigures& f = row.figures;
  return fmt::format(
      "<tr{}><td>{}</td><td>{:.2f} % <span class=soft>({:.2f}-{:.2f})</span></td>"
      "<td>{:.4f} <span class=soft>({:.4f}-{:.4f})</span></td><td>{}</td><td>{}</td>"
      "<td>{}</td><td>{:.1f}</td><td>{:.0f}</td><td>{}</td></tr>",
      row.is_good ? "" : " class=bad", row.name, 100 * f.accuracy.value, 100 * f.accuracy.low,
      100 * f.accuracy.high, f.latency.median_ms, f.latency.low_ms, f.latency.high_ms,
      row.over_int8, row.over_fp32, row.drop, f.macs / 1e6, f.size_bytes / 1024.0, row.on_front);
}

std::string NameCell(const FrontEntry& entry) {
  const std::string link =
      "<a href=\"" + EscapeHtml(entry.path) + "\">" + EscapeHtml(entry.id) + "</a>";
  const std::string shortcoming = Shortcoming(entry);
  return shortcoming.empty() ? link : link + " " + EscapeHtml(shortcoming);
}

}  // namespace

std::string NetworkTable(const Report& report) {
  std::string rows = Print({"original, FP32", report.baseline_fp32, "", "", "", ""}) +
                     Print({"original, INT8", report.baseline_int8, "", "", "", ""});
  for (const FrontEntry& entry : report.front) {
    rows += Print({NameCell(entry), ServedFigures(report, entry),
                   RatioCell(entry.speedup_over_int8), RatioCell(entry.speedup_over_fp32),
                   DropCell(report, entry), entry.on_front ? "yes" : "no", entry.meets_limit});
  }
  return Table("<th>network<th>" + MeasureName(report) +
                   " (95 %)<th>latency ms (95 %)<th>over INT8<th>over FP32"
                   "<th>loss (up to, 95 %)<th>MMAC<th>KiB<th>Pareto front",
               rows);
}

std::string BlockTable(const FrontEntry& entry) {
  std::string rows;
  for (const BlockRow& row : entry.blocks) {
    rows += fmt::format(
        "<tr><td>{}</td><td style=\"text-align:left\">{}</td>"
        "<td style=\"text-align:left\">{}</td><td>{:.1f}</td><td>{:.1f}</td></tr>",
        EscapeHtml(row.blocks), EscapeHtml(row.before), EscapeHtml(row.after), row.before_us,
        row.after_us);
  }
  return Table(
      "<th>blocks<th style=\"text-align:left\">before<th style=\"text-align:left\">after"
      "<th>us before<th>us after",
      rows);
}

std::string CostTable(const Report& report) {
  std::string rows;
  double total = 0;
  for (const StageCost& cost : report.cost) {
    rows +=
        fmt::format("<tr><td>{}</td><td>{:.0f} s</td></tr>", EscapeHtml(cost.stage), cost.seconds);
    total += cost.seconds;
  }
  rows += fmt::format("<tr><td><b>all</b></td><td><b>{:.0f} s</b></td></tr>", total);
  std::string text = Table("<th>stage<th>time", rows);
  if (report.baseline_training_seconds > 0) {
    text += fmt::format(
        "<p>That is {:.2f} times one training of the original (200 epochs at the "
        "speed measured here).</p>\n",
        total / report.baseline_training_seconds);
  }
  return text;
}

}  // namespace nacre::report_internal
