#include "report/figures.h"

#include "task/detection_task.h"
#include "task/metric.h"

namespace nacre::report_internal {

const ModelFigures& ServedFigures(const Report& report, const FrontEntry& entry) {
  return report.precision == Precision::kInt8 ? entry.int8 : entry.fp32;
}

const ModelFigures& ServedBaseline(const Report& report) {
  return report.precision == Precision::kInt8 ? report.baseline_int8 : report.baseline_fp32;
}

double ImagesPerSecond(const Report& report, const ModelFigures& figures) {
  if (!(figures.latency.median_ms > 0)) return 0;
  return 1e3 * static_cast<double>(report.batch) / figures.latency.median_ms;
}

std::string MeasureName(const Report& report) {
  if (const auto boxes = ParseBoxMetric(report.metric)) return BoxMetricTitle(*boxes);
  return report.agreement ? "agreement" : "accuracy";
}

std::string MeasureTitle(const Report& report) {
  if (const auto boxes = ParseBoxMetric(report.metric)) return BoxMetricTitle(*boxes);
  const Metric* metric = FindMetric(report.metric);
  const std::string kind =
      report.metric == TopOneMetric().name() || metric == nullptr ? "" : metric->title() + " ";
  return kind + (report.agreement ? "agreement with the original" : "accuracy");
}

std::string MetricKey(const Report& report) {
  if (!report.agreement) return report.metric;
  return report.metric == TopOneMetric().name() ? "agreement" : "agreement-" + report.metric;
}

double AccuracyLimit(const Report& report) {
  return report.max_drop.Limit(report.baseline_fp32.accuracy.value);
}

std::string Shortcoming(const FrontEntry& entry) {
  if (entry.meets_limit) return "";
  if (!entry.broken.empty()) return entry.broken;
  return entry.misses_certificate ? "not certified" : "below the limit";
}

}  // namespace nacre::report_internal
