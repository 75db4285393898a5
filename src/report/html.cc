#include "report/html.h"

#include <fmt/format.h>

namespace nacre {

const char* const kReportStyle = R"(
:root{--ink:#16212b;--soft:#5c6b78;--line:#dde3e8;--page:#fff;--card:#f6f8fa;--old:#9fb0be;--new:#0b7a75;--bad:#b3541e}
@media(prefers-color-scheme:dark){:root{--ink:#e8eef2;--soft:#93a4b1;--line:#2c3a45;--page:#10181f;--card:#18232c;--old:#4d6171;--new:#37b8ae;--bad:#e08a55}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p.lead{font-size:1.25rem;margin:.3rem 0 1rem}
table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums}
th{color:var(--soft);font-weight:500}th:first-child,td:first-child{text-align:left}.scroll{overflow-x:auto}
.soft{color:var(--soft)}.bad{color:var(--bad)}pre{background:var(--card);padding:.8rem;overflow-x:auto;font-size:13px}
svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
)";

std::string Escape(std::string_view text) {
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

namespace {

const ModelFigures& Served(const Report& report, const FrontEntry& entry) {
  return report.precision == "int8" ? entry.int8 : entry.fp32;
}

std::string Table(const std::string& head, const std::string& rows) {
  return "<div class=scroll><table><thead><tr>" + head + "</tr></thead><tbody>" + rows +
         "</tbody></table></div>\n";
}

std::string FrontTable(const Report& report) {
  std::string rows;
  const auto row = [&](const std::string& name, const ModelFigures& f, const RatioInterval* int8,
                       const RatioInterval* fp32, bool good) {
    const auto ratio = [](const RatioInterval* r) {
      return r ? fmt::format("{:.2f}x <span class=soft>({:.2f}-{:.2f})</span>", r->median, r->low,
                             r->high)
               : std::string();
    };
    rows += fmt::format(
        "<tr{}><td>{}</td><td>{:.2f} % <span class=soft>({:.2f}-{:.2f})</span></td>"
        "<td>{:.4f} <span class=soft>({:.4f}-{:.4f})</span></td><td>{}</td><td>{}</td>"
        "<td>{:.1f}</td><td>{:.0f}</td></tr>",
        good ? "" : " class=bad", name, 100 * f.accuracy.value, 100 * f.accuracy.low,
        100 * f.accuracy.high, f.latency.median_ms, f.latency.low_ms, f.latency.high_ms,
        ratio(int8), ratio(fp32), f.macs / 1e6, f.size_bytes / 1024.0);
  };
  row("original, FP32", report.baseline_fp32, nullptr, nullptr, true);
  row("original, INT8", report.baseline_int8, nullptr, nullptr, true);
  for (const FrontEntry& entry : report.front) {
    row("<a href=\"" + Escape(entry.path) + "\">" + Escape(entry.id) + "</a>" +
            (entry.meets_limit      ? ""
             : entry.broken.empty() ? " below the limit"
                                    : " " + Escape(entry.broken)),
        Served(report, entry), &entry.speedup_over_int8, &entry.speedup_over_fp32,
        entry.meets_limit);
  }
  return Table(
      "<th>network<th>accuracy (95 %)<th>latency ms (95 %)<th>over INT8<th>over FP32"
      "<th>MMAC<th>KiB",
      rows);
}

std::string BlockTable(const FrontEntry& entry) {
  std::string rows;
  for (const BlockRow& row : entry.blocks) {
    rows += fmt::format(
        "<tr><td>{}</td><td style=\"text-align:left\">{}</td>"
        "<td style=\"text-align:left\">{}</td><td>{:.1f}</td><td>{:.1f}</td></tr>",
        Escape(row.blocks), Escape(row.before), Escape(row.after), row.before_us, row.after_us);
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
    rows += fmt::format("<tr><td>{}</td><td>{:.0f} s</td></tr>", Escape(cost.stage), cost.seconds);
    total += cost.seconds;
  }
  rows += fmt::format("<tr><td><b>all</b></td><td><b>{:.0f} s</b></td></tr>", total);
  std::string text = Table("<th>part<th>time", rows);
  if (report.baseline_training_seconds > 0) {
    text += fmt::format(
        "<p>That is {:.2f} times one training of the original (200 epochs at the "
        "speed measured here).</p>\n",
        total / report.baseline_training_seconds);
  }
  return text;
}

std::string Lead(const Report& report) {
  if (report.front.empty() || !report.front.front().meets_limit) {
    return "<p class=\"lead bad\">No network met the limits; the front is below.</p>\n";
  }
  const FrontEntry& best = report.front.front();
  if (report.objective == "size" || report.objective == "memory") {
    const auto bytes = [&](const ModelFigures& f) {
      return report.objective == "size" ? f.size_bytes : f.memory_bytes;
    };
    const ModelFigures& before =
        report.precision == "int8" ? report.baseline_int8 : report.baseline_fp32;
    return fmt::format(
        "<p class=lead>{:.0f} KiB of {} instead of {:.0f}: <b>{:.2f}x</b> less, at {:.2f} % "
        "against "
        "{:.2f} %.</p>\n",
        bytes(Served(report, best)) / 1024.0, report.objective, bytes(before) / 1024.0,
        static_cast<double>(bytes(before)) /
            static_cast<double>(std::max<int64_t>(1, bytes(Served(report, best)))),
        100 * Served(report, best).accuracy.value, 100 * report.baseline_fp32.accuracy.value);
  }
  return fmt::format(
      "<p class=lead><b>{:.2f}x</b> faster than the INT8 original, <b>{:.2f}x</b> "
      "faster than FP32, at {:.2f} % against {:.2f} %.</p>\n",
      best.speedup_over_int8.median, best.speedup_over_fp32.median,
      100 * Served(report, best).accuracy.value, 100 * report.baseline_fp32.accuracy.value);
}

}  // namespace

std::string ReportHtml(const Report& report) {
  std::string page =
      "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport "
      "content=\"width=device-width,initial-scale=1\"><title>nacre: " +
      Escape(report.title) + "</title><style>" + kReportStyle + "</style></head><body>\n";
  page += "<h1>" + Escape(report.title) + "</h1>\n" + Lead(report);
  page += "<h2>Latency, stage by stage</h2>\n" + WaterfallSvg(report);
  page += "<h2>Networks</h2>\n" + FrontTable(report);
  page += fmt::format(
      "<p class=soft>Accuracy on {} images that no stage had seen; limit {:.2f} %. "
      "Latencies interleaved with both baselines in one run.</p>\n",
      report.baseline_fp32.accuracy.images,
      100 * report.baseline_fp32.accuracy.value * (1 - report.max_drop));
  page += "<h2>Everything tried</h2>\n" + FrontSvg(report);
  for (const FrontEntry& entry : report.front) {
    page += "<h2>Blocks before and after: " + Escape(entry.id) + "</h2>\n" + BlockTable(entry);
  }
  page += "<h2>Cost of the search</h2>\n" + CostTable(report);
  if (!report.notes.empty()) {
    page += "<h2>Notes</h2><ul>";
    for (const std::string& note : report.notes) page += "<li>" + Escape(note) + "</li>";
    page += "</ul>\n";
  }
  page += "<h2>Repeat it</h2><pre>" + Escape(report.command) + "</pre>\n";
  page += "<details><summary>Configuration and environment</summary><pre>" +
          Escape(report.config_toml) + "\n" + Escape(report.environment_json) +
          "</pre></details>\n";
  return page + "</body></html>\n";
}

}  // namespace nacre
