#include "report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/figures.h"

namespace nacre {
namespace report_internal {

std::string EscapeHtml(std::string_view text) {
  std::string safe;
  for (char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

}  // namespace report_internal

using namespace report_internal;

namespace {

std::string LeadOfBytes(const Report& report, const FrontEntry& best) {
  const auto bytes = [&](const ModelFigures& figures) {
    const int64_t count = report.objective == "size" ? figures.size_bytes : figures.memory_bytes;
    return static_cast<double>(count);
  };
  const double before = bytes(ServedBaseline(report));
  const double after = bytes(ServedFigures(report, best));
  return fmt::format(
      "<p class=lead>{:.0f} KiB of {} instead of {:.0f} KiB, <b>{:.2f}x</b> smaller, at {:.2f} % "
      "against {:.2f} %.</p>\n",
      after / 1024, EscapeHtml(report.objective), before / 1024, before / std::max(1.0, after),
      100 * ServedFigures(report, best).accuracy.value, 100 * report.baseline_fp32.accuracy.value);
}

std::string LeadOfTime(const Report& report, const FrontEntry& best) {
  return fmt::format(
      "<p class=lead><b>{:.2f}x</b> faster than the INT8 original, <b>{:.2f}x</b> "
      "faster than FP32, at {:.2f} % against {:.2f} %.</p>\n",
      best.speedup_over_int8.median, best.speedup_over_fp32.median,
      100 * ServedFigures(report, best).accuracy.value, 100 * report.baseline_fp32.accuracy.value);
}

// The result in one sentence.
std::string Lead(const Report& report) {
  if (report.front.empty() || !report.front.front().meets_limit) {
    return "<p class=\"lead bad\">No network met the limits; the front is below.</p>\n";
  }
  const FrontEntry& best = report.front.front();
  const bool is_of_bytes = report.objective == "size" || report.objective == "memory";
  return is_of_bytes ? LeadOfBytes(report, best) : LeadOfTime(report, best);
}

std::string Notes(const Report& report) {
  if (report.notes.empty()) return "";
  std::string html = "<h2>Notes</h2><ul>";
  for (const std::string& note : report.notes) html += "<li>" + EscapeHtml(note) + "</li>";
  return html + "</ul>\n";
}

}  // namespace

std::string ReportHtml(const Report& report) {
  std::string page =
      "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport "
      "content=\"width=device-width,initial-scale=1\"><title>nacre: " +
      EscapeHtml(report.title) + "</title><style>" + kReportStyle + "</style></head><body>\n";
  page += "<h1>" + EscapeHtml(report.title) + "</h1>\n" + Lead(report);
  page += "<h2>Latency, stage by stage</h2>\n" + WaterfallSvg(report);
  page += "<h2>Networks</h2>\n" + NetworkTable(report);
  page += fmt::format(
      "<p class=soft>The {} is on {} images that no stage had seen; the limit is {:.2f} %. "
      "Latencies were measured interleaved with both originals. A network is on the Pareto front "
      "when no other is better in both {} and cost.</p>\n",
      MeasureTitle(report) + (report.agreement ? ", whose answers are the truth," : ""),
      report.baseline_fp32.accuracy.images, 100 * AccuracyLimit(report), MeasureName(report));
  page += "<h2>All trials</h2>\n" + FrontSvg(report);
  page += Pictures(report);
  for (const FrontEntry& entry : report.front) {
    page += "<h2>Blocks before and after: " + EscapeHtml(entry.id) + "</h2>\n" + BlockTable(entry);
  }
  page += "<h2>Cost of the search</h2>\n" + CostTable(report);
  page += Notes(report);
  page += "<h2>Repeat it</h2><pre>" + EscapeHtml(report.command) + "</pre>\n";
  page += "<details><summary>Configuration and environment</summary><pre>" +
          EscapeHtml(report.config_toml) + "\n" + EscapeHtml(report.environment_json) +
          "</pre></details>\n";
  return page + "</body></html>\n";
}

}  // namespace nacre
