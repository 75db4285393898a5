#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/figures.h"
#include "report/html.h"

namespace nacre::report_internal {
namespace {

// In pixels of the SVG's own coordinates.
constexpr double kWidth = 720, kLeft = 150, kRight = 20;
constexpr double kLabel = 110;  // room for the text behind the longest bar
constexpr double kBarStep = 34;

struct Bar {
  std::string name;
  double ms = 0;
  bool is_new = false;
};

std::vector<Bar> ListBars(const Report& report) {
  std::vector<Bar> bars = {{"original, FP32", report.baseline_fp32.latency.median_ms, false},
                           {"original, INT8", report.baseline_int8.latency.median_ms, false}};
  if (!report.front.empty()) {
    const FrontEntry& best = report.front.front();
    bars.push_back({"new network, FP32", best.fp32.latency.median_ms, true});
    bars.push_back({"new network, INT8", best.int8.latency.median_ms, true});
  }
  return bars;
}

std::string DrawBar(const Bar& bar, double y, double length, double original_ms) {
  const double speedup = bar.ms > 0 ? original_ms / bar.ms : 0;
  return fmt::format(
      "<text x=\"{}\" y=\"{}\" text-anchor=end>{}</text><rect x=\"{}\" y=\"{}\" "
      "width=\"{:.1f}\" height=24 fill=\"var(--{})\"/><text x=\"{:.1f}\" y=\"{}\">"
      "{:.4f} ms, {:.2f}x</text>",
      kLeft - 8, y + 17, bar.name, kLeft, y, length, bar.is_new ? "new" : "old", kLeft + length + 8,
      y + 17, bar.ms, speedup);
}

}  // namespace

std::string WaterfallSvg(const Report& report) {
  const std::vector<Bar> bars = ListBars(report);
  double longest = 1e-9;  // not 0: lengths are divided by it
  for (const Bar& bar : bars) longest = std::max(longest, bar.ms);
  const double room = kWidth - kLeft - kRight - kLabel;
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=img aria-label=\"latency of the four "
      "stages\">",
      kWidth, kBarStep * static_cast<double>(bars.size()) + 6);
  for (size_t i = 0; i < bars.size(); ++i) {
    const double length = std::isfinite(bars[i].ms) ? room * bars[i].ms / longest : 0;
    svg += DrawBar(bars[i], kBarStep * static_cast<double>(i) + 4, length, bars[0].ms);
  }
  return svg + "</svg>\n";
}

namespace {

// Maps values in [low, high] to pixels in [from, to].
struct Axis {
  double low, high, from, to;
  double At(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

// With a margin about the values, so that no dot lies on the border and one value alone has a
// range.
Axis Fit(std::vector<double> values, double from, double to) {
  if (values.empty()) values = {0, 1};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double least = 1e-6 * std::max(1.0, std::abs(*high));
  const double margin = std::max(0.05 * (*high - *low), least);
  return {*low - margin, *high + margin, from, to};
}

std::string Ticks(const Axis& x, const Axis& y) {
  std::string svg;
  for (int i = 0; i <= 4; ++i) {
    const double vx = x.low + (x.high - x.low) * i / 4, vy = y.low + (y.high - y.low) * i / 4;
    svg += fmt::format(
        "<text x=\"{:.1f}\" y=\"{}\" text-anchor=middle>{:.3f}</text>"
        "<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"var(--line)\"/>"
        "<text x=\"{}\" y=\"{:.1f}\" text-anchor=end>{:.1f} %</text>",
        x.At(vx), y.from + 18, vx, x.from, x.to, y.At(vy), y.At(vy), x.from - 6, y.At(vy) + 4,
        100 * vy);
  }
  return svg;
}

struct Dot {
  double ms = 0, accuracy = 0, radius = 0;
  const char* color = "";
  std::string title;  // shown when the mouse is over it
};

// Trials, then the original, then the front: later dots are drawn over earlier ones.
std::vector<Dot> ListDots(const Report& report) {
  std::vector<Dot> dots;
  for (const TrialDot& trial : report.trials) {
    if (!trial.error.empty()) continue;
    dots.push_back(
        {trial.latency_us / 1e3, trial.accuracy, 2.5 + trial.rung, "old",
         fmt::format("rung {}: {:.2f} % on validation images", trial.rung, 100 * trial.accuracy)});
  }
  const ModelFigures& original = ServedBaseline(report);
  dots.push_back({original.latency.median_ms, original.accuracy.value, 6, "ink", "original"});
  for (const FrontEntry& entry : report.front) {
    const ModelFigures& figures = ServedFigures(report, entry);
    dots.push_back({figures.latency.median_ms, figures.accuracy.value, 7,
                    entry.meets_limit ? "new" : "bad", entry.id});
  }
  // One NaN would make the axes NaN and hide all other dots.
  std::erase_if(
      dots, [](const Dot& dot) { return !std::isfinite(dot.ms) || !std::isfinite(dot.accuracy); });
  return dots;
}

std::string DrawDot(const Dot& dot, const Axis& x, const Axis& y) {
  return fmt::format(
      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"var(--{})\"><title>{}"
      "</title></circle>",
      x.At(dot.ms), y.At(dot.accuracy), dot.radius, dot.color, EscapeHtml(dot.title));
}

}  // namespace

std::string FrontSvg(const Report& report) {
  const std::vector<Dot> dots = ListDots(report);
  std::vector<double> ms, accuracy;
  for (const Dot& dot : dots) {
    ms.push_back(dot.ms);
    accuracy.push_back(dot.accuracy);
  }
  const Axis x = Fit(ms, 70, kWidth - kRight), y = Fit(accuracy, 300, 20);
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {} 350\" role=img aria-label=\"latency against "
      "accuracy\">",
      kWidth);
  svg += Ticks(x, y);
  for (const Dot& dot : dots) svg += DrawDot(dot, x, y);
  svg += fmt::format("<text x=\"{}\" y=\"346\" text-anchor=middle>latency, ms</text></svg>\n",
                     kWidth / 2);
  return svg +
         "<p class=soft>Small dots are trials after a short distillation, on validation images. "
         "Large dots are the original and the results, on unseen images.</p>\n";
}

}  // namespace nacre::report_internal
