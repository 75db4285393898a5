// OpenVINO behind the two tiny interfaces. Private to this folder; no OpenVINO type in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "target/target.h"

namespace nacre {

// Compiles ONNX bytes. `inputs` and `outputs` name the values in the order Run uses; empty: the
// model's own.
Expected<std::unique_ptr<CompiledNetwork>> CompileOnnx(
    const std::string& onnx, const CompileOptions& options,
    const std::vector<std::string>& inputs = {}, const std::vector<std::string>& outputs = {});

// Writes <stem>.xml and <stem>.bin in FP32 (and INT8 where the network is quantised); whole or not
// at all.
Expected<void> ExportOnnx(const std::string& onnx, const std::string& stem);

}  // namespace nacre
