#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/html.h"

namespace nacre {
namespace {

constexpr double kWidth = 720, kLeft = 150, kRight = 20;

}  // namespace

std::string WaterfallSvg(const Report& report) {
  struct Bar {
    std::string name;
    double ms;
    bool fresh;
  };
  std::vector<Bar> bars = {{"original, FP32", report.baseline_fp32.latency.median_ms, false},
                           {"original, INT8", report.baseline_int8.latency.median_ms, false}};
  if (!report.front.empty()) {
    const FrontEntry& best = report.front.front();
    bars.push_back({"new network, FP32", best.fp32.latency.median_ms, true});
    bars.push_back({"new network, INT8", best.int8.latency.median_ms, true});
  }
  double longest = 1e-9;
  for (const Bar& bar : bars) longest = std::max(longest, bar.ms);
  const double room = kWidth - kLeft - kRight - 110;
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=img aria-label=\"latency of the four "
      "stages\">",
      kWidth, 34 * bars.size() + 6);
  for (size_t i = 0; i < bars.size(); ++i) {
    const double y = 34.0 * i + 4, length = room * bars[i].ms / longest;
    svg += fmt::format(
        "<text x=\"{}\" y=\"{}\" text-anchor=end>{}</text><rect x=\"{}\" y=\"{}\" "
        "width=\"{:.1f}\" height=24 fill=\"var(--{})\"/><text x=\"{:.1f}\" y=\"{}\">"
        "{:.4f} ms, {:.2f}x</text>",
        kLeft - 8, y + 17, bars[i].name, kLeft, y, length, bars[i].fresh ? "new" : "old",
        kLeft + length + 8, y + 17, bars[i].ms, bars[i].ms > 0 ? bars[0].ms / bars[i].ms : 0.0);
  }
  return svg + "</svg>\n";
}

namespace {

struct Axis {
  double low, high, from, to;
  double At(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

Axis Fit(std::vector<double> values, double from, double to) {
  if (values.empty()) values = {0, 1};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double margin = std::max(0.05 * (*high - *low), 1e-6);
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

}  // namespace

std::string FrontSvg(const Report& report) {
  const bool int8 = report.precision == "int8";
  std::vector<double> ms, accuracy;
  for (const TrialDot& dot : report.trials) {
    if (!dot.error.empty()) continue;
    ms.push_back(dot.latency_us / 1e3);
    accuracy.push_back(dot.accuracy);
  }
  for (const FrontEntry& entry : report.front) {
    const ModelFigures& f = int8 ? entry.int8 : entry.fp32;
    ms.push_back(f.latency.median_ms);
    accuracy.push_back(f.accuracy.value);
  }
  const ModelFigures& original = int8 ? report.baseline_int8 : report.baseline_fp32;
  ms.push_back(original.latency.median_ms);
  accuracy.push_back(original.accuracy.value);
  const Axis x = Fit(ms, 70, kWidth - kRight), y = Fit(accuracy, 300, 20);
  std::string svg = fmt::format(
                        "<svg viewBox=\"0 0 {} 350\" role=img aria-label=\"latency against "
                        "accuracy\">",
                        kWidth) +
                    Ticks(x, y);
  const auto dot = [&](double at_ms, double value, double radius, const char* colour,
                       const std::string& title) {
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"var(--{})\"><title>{}"
        "</title></circle>",
        x.At(at_ms), y.At(value), radius, colour, Escape(title));
  };
  for (const TrialDot& t : report.trials) {
    if (t.error.empty()) {
      dot(t.latency_us / 1e3, t.accuracy, 2.5 + t.rung, "old",
          fmt::format("rung {}: {:.2f} % on validation images", t.rung, 100 * t.accuracy));
    }
  }
  dot(original.latency.median_ms, original.accuracy.value, 6, "ink", "original");
  for (const FrontEntry& entry : report.front) {
    const ModelFigures& f = int8 ? entry.int8 : entry.fp32;
    dot(f.latency.median_ms, f.accuracy.value, 7, entry.meets_limit ? "new" : "bad", entry.id);
  }
  svg += fmt::format("<text x=\"{}\" y=\"346\" text-anchor=middle>latency, ms</text></svg>\n",
                     kWidth / 2);
  return svg +
         "<p class=soft>Small: trials after short distillation, on validation images. Large: the "
         "original and the results, on unseen images.</p>\n";
}

}  // namespace nacre
