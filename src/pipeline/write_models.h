// The folders models/<rank>-<id>/ of the results.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pipeline/quantize_finalists.h"
#include "report/report.h"

namespace nacre {

// Fills in the path of every entry of the front. Files: model.onnx (FP32), model.int8.onnx (QDQ),
// model.xml and model.bin (the compiler's), metrics.json. Error: one of them cannot be written.
Expected<void> WriteModels(RunServices& run, const Ingested& in,
                           const std::vector<QuantizedFinalist>& finalists, Report& report);

// A network in all forms: model.onnx, model.int8.onnx, model.xml, model.bin. `metadata` goes into
// the ONNX files. The folder is made, its parents too. Error: one of the files cannot be written.
struct ModelFiles {
  std::filesystem::path folder;
  ArtifactHash fp32, int8;  // without what stays as in the original's file
  std::map<std::string, std::string> fp32_metadata, int8_metadata;
};
Expected<void> WriteModelFiles(RunServices& run, const Ingested& in, const ModelFiles& files);

}  // namespace nacre
