// Accuracy guard: when INT8 loses more than allowed, the layers that harm most per microsecond go
// back to float, as few as it takes (method.md section 2, step 8).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "quantize/quantize.h"

namespace nacre {

struct GuardOptions {
  double reference = 1;  // accuracy of the float network
  double acceptable_loss = 0.003;
  int most_layers = 12;  // that may go back to float
};

// How a network is quantised and judged. All must be deterministic but `latency`.
struct GuardMeans {
  // The layers named (as in QuantizeOptions::keep_float) stay float.
  std::function<Expected<Network>(const std::vector<std::string>& keep_float)> quantize;
  // The same, only good enough to judge one layer by.
  std::function<Expected<Network>(const std::vector<std::string>& keep_float)> sketch;
  // Of the network's outputs from the float network's, on few images: not negative, 0 is perfect.
  std::function<Expected<double>(const Network&)> divergence;
  std::function<Expected<double>(const Network&)> accuracy;
  // Microseconds, interleaved.
  std::function<std::vector<Expected<double>>(const std::vector<Network>&)> latency;
};

struct GuardResult {
  Network network;
  double accuracy = 0;
  std::vector<std::string> kept_float;
  int evaluations = 0;   // of accuracy
  bool reached = false;  // the loss is acceptable; else the most accurate found
};

// Conv, Gemm and MatMul with constant weights that would be quantised, by the names that keep_float
// takes.
std::vector<std::string> QuantizedLayers(const Network& network, const QuantizeOptions& options);

// The harm of a layer is the divergence when it alone is quantised; its price what the network gets
// slower without. Accuracy is evaluated for 1, 2, 4, ... layers in order of harm over price, then
// between: at most 2 log2(most_layers) + 2 times. A layer that cannot be judged stays INT8. Errors:
// the first quantisation or evaluation fails.
Expected<GuardResult> QuantizeGuarded(const std::vector<std::string>& layers,
                                      const GuardOptions& options, const GuardMeans& means);

}  // namespace nacre
