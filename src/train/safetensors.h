// The safetensors container (huggingface.co/docs/safetensors): 8-byte little-endian header length,
// JSON header, raw data. Training states are stored in it. Knows no torch. Private to train/.
#pragma once

#include <map>
#include <string>

#include "base/expected.h"
#include "graph/tensor.h"

namespace nacre::train_internal {

// Tensors are of float, int32 or int64.
struct SafeTensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

// Equal contents give equal bytes. Throws std::logic_error on another element type.
std::string WriteSafeTensors(const SafeTensors& contents);

// Error (kData) when the bytes are truncated or inconsistent, or hold another element type.
Expected<SafeTensors> ReadSafeTensors(const std::string& bytes);

}  // namespace nacre::train_internal
