// What several renderings of a report say of an entry.
// Private to report/. Thread-safe.
#pragma once

#include <string>

#include "report/report.h"

namespace nacre::report_internal {

// The figures of the network that the target runs, the quantized one or the float one.
const ModelFigures& ServedFigures(const Report& report, const FrontEntry& entry);
const ModelFigures& ServedBaseline(const Report& report);

// 0 when the latency is not known.
double ImagesPerSecond(const Report& report, const ModelFigures& figures);

// The smallest accuracy that the run accepts, in [0, 1].
double AccuracyLimit(const Report& report);

// "top-5 accuracy", "agreement with the original".
std::string MeasureTitle(const Report& report);
// As front.json has it: "top1", "balanced", "agreement", "agreement-top5".
std::string MetricKey(const Report& report);
// "accuracy", or "agreement" where the original's answers are the truth.
std::string MeasureName(const Report& report);

// Why the entry is not a result: "below the limit", or the bound that it breaks. Empty when it is.
std::string Shortcoming(const FrontEntry& entry);

}  // namespace nacre::report_internal
