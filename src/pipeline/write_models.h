// The folders models/<rank>-<id>/ of the results.
#pragma once

#include <vector>

#include "pipeline/quantize_finalists.h"
#include "report/report.h"

namespace nacre {

// Fills in the path of every entry of the front. Files: model.onnx (FP32), model.int8.onnx (QDQ),
// model.xml and model.bin (the compiler's), metrics.json. Error: one of them cannot be written.
Expected<void> WriteModels(RunServices& run, const Ingested& in,
                           const std::vector<QuantizedFinalist>& finalists, Report& report);

}  // namespace nacre
