// Whether two ONNX files compute the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/expected.h"
#include "graph/network.h"
#include "target/measure.h"

namespace nacre {

struct OutputDifference {
  std::string name;
  double largest = 0;    // of the differences between its elements
  double magnitude = 0;  // of the elements of the first file's output
  // The first file's output has a finite element, or none at all. Without one, NaNs were compared.
  bool says_something = false;

  double relative() const { return magnitude > 0 ? largest / magnitude : largest; }
};

// Compiles both files as they are and runs them on the same random inputs, in float: one entry per
// output. `inputs` have static shapes and are those of both files; `outputs` name theirs. Errors:
// kTarget when the first file cannot be run, kInternal when the first can and the second cannot,
// both with the compiler's message, which names the file; kModel when outputs have different
// shapes.
Expected<std::vector<OutputDifference>> CompareFiles(const std::filesystem::path& first,
                                                     const std::filesystem::path& second,
                                                     const std::vector<Value>& inputs,
                                                     const std::vector<std::string>& outputs,
                                                     uint64_t seed);

// What CompareFiles is asked.
struct CompareRequest {
  std::filesystem::path first, second;
  std::vector<Value> inputs;  // names, types and static shapes
  std::vector<std::string> outputs;
  uint64_t seed = 1;
};

// The same in a child process with limits, for files that ask for endless work: `limits` names the
// program and the arguments by which it comes to ServeComparison. Errors as above, and kTarget when
// the child dies or reaches a limit.
Expected<std::vector<OutputDifference>> CompareInChild(const CompareRequest& request,
                                                       const ChildLimits& limits);

// The child's side: reads a request, writes the reply and returns the exit code. What a library
// prints on standard output meanwhile goes to standard error.
int ServeComparison(int input_fd, int output_fd);

}  // namespace nacre
