// What an ONNX file says of itself, before it is understood.
// Thread-safe but for the file that is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/expected.h"
#include "graph/network.h"

namespace nacre {

// Nodes by what they are called, "Conv" or "com.microsoft.FusedConv". Graphs inside nodes do not
// count.
using OperationCounts = std::map<std::string, int64_t>;

struct Contents {
  int64_t opset = 0;  // of the default domain
  OperationCounts operations;
};

// Errors (kModel): those of ReadOnnx that say that the file is none.
Expected<Contents> ContentsOf(const std::filesystem::path& file);
OperationCounts CountOperations(const Network& network);

}  // namespace nacre
