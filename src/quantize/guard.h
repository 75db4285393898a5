// Accuracy guard: when INT8 loses more than is acceptable, the layers that harm most per
// microsecond go back to float, as few as are needed (docs/method.md, section 2, step 8).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "forecast/priors.h"
#include "quantize/quantize.h"

namespace nacre {

struct GuardOptions {
  double reference = 1;  // accuracy of the float network, top-1 in [0, 1]
  double acceptable_loss = priors::kAcceptableInt8Loss;
  // Layers that may go back to float. A guess.
  int most_layers = static_cast<int>(priors::kMostFloatLayers.Count());
  std::function<bool()> more_time;  // false: the best so far must do; empty: always
};

// What the guard quantises and judges with, so that it needs neither images nor a compiler. All
// must be deterministic but `latency`.
struct GuardCallbacks {
  // Quantises with the layers named (as in QuantizeOptions::keep_float) left in float.
  std::function<Expected<Network>(const std::vector<std::string>& keep_float)> quantize;
  // The same in less time, only good enough to judge one layer by.
  std::function<Expected<Network>(const std::vector<std::string>& keep_float)> quantize_quickly;
  // Of the network's outputs from the float network's, on few images: not negative, 0 is perfect.
  std::function<Expected<double>(const Network&)> divergence;
  std::function<Expected<double>(const Network&)> accuracy;  // top-1 in [0, 1]
  // Microseconds of each network, measured interleaved.
  std::function<std::vector<Expected<double>>(const std::vector<Network>&)> latency;
};

struct GuardResult {
  Network network;
  double accuracy = 0;
  std::vector<std::string> kept_float;  // layers
  int evaluations = 0;                  // of accuracy
  bool reached = false;                 // the loss is acceptable; else this is the most accurate
};

// Conv, Gemm and MatMul with constant weights that would be quantised, by the names that keep_float
// takes.
std::vector<std::string> QuantizedLayers(const Network& network, const QuantizeOptions& options);

// The harm of a layer is the divergence when it alone is quantised; its price is how much slower
// the network becomes when it alone is float. Accuracy is evaluated for 1, 2, 4, ... layers in the
// order of harm over price, then between: at most 2 log2(most_layers) + 2 times. A layer that
// cannot be judged stays INT8, and one whose price cannot be measured has the least. Errors: the
// first quantisation or evaluation fails.
Expected<GuardResult> QuantizeGuarded(const std::vector<std::string>& layers,
                                      const GuardOptions& options, const GuardCallbacks& callbacks);

}  // namespace nacre
