// The safetensors container (huggingface.co/docs/safetensors): 8-byte little-endian header length,
// JSON header, raw data. No torch. Tensors of float, int32 and int64.
#pragma once

#include <map>
#include <string>

#include "base/expected.h"
#include "graph/tensor.h"

namespace nacre {

struct SafeTensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

// Bytes in a fixed order: equal contents give equal bytes. Throws std::logic_error on another
// element type.
std::string WriteSafeTensors(const SafeTensors& contents);

// Error (kData) when the bytes are truncated, inconsistent or of an element type that is not read
// here.
Expected<SafeTensors> ReadSafeTensors(const std::string& bytes);

}  // namespace nacre
