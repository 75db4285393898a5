// ONNX bytes in, OpenVINO behind the interfaces of target.h; no OpenVINO type is in this header.
// Private to target/. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "target/target.h"

namespace nacre::target_internal {

// Compiles ONNX bytes and runs the result once. `inputs` and `outputs` name the values in the order
// in which Run takes and returns them; empty: the model's own order. Error (kTarget): OpenVINO's
// message on one line.
Expected<std::unique_ptr<CompiledNetwork>> CompileOnnx(
    const std::string& onnx, const CompileOptions& options,
    const std::vector<std::string>& inputs = {}, const std::vector<std::string>& outputs = {});

// Writes <stem>.xml and <stem>.bin in FP32 (and INT8 where the network is quantized); both, or
// none.
Expected<void> ExportOnnx(const std::string& onnx, const std::string& stem);

}  // namespace nacre::target_internal
