// Compute: where and how training computes. Every options struct of this room carries one.
#pragma once

#include <string>

#include "base/expected.h"

namespace nacre {

struct Compute {
  // Only "cpu" is supported today. Every function that takes a Compute returns Error (kUsage) for
  // another device.
  std::string device = "cpu";
  int threads = 2;  // at least 1
  // Convolutions, and what follows them up to the classifier, compute in bfloat16; parameters and
  // sums stay in float. It pays where the CPU has instructions for it (MachineInfo::HasBf16).
  // Scoring, teachers and fake quantisation always compute in float.
  bool bf16 = false;
};

// Nothing when this build can compute so; else Error (kUsage) names what it cannot do.
Expected<void> CheckCompute(const Compute& compute);

}  // namespace nacre
