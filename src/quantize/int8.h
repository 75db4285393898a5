// INT8 within a loss of accuracy: post-training, the ranges by the method that keeps most; tuned
// weights, where there is time for that; then layers back to float, while the loss is too large.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "data/image_set.h"
#include "quantize/quantize.h"
#include "target/measure.h"

namespace nacre {

// Trained for INT8: a float network, and the ranges of its activations that were learned with it.
struct Tuned {
  Network network;
  std::map<std::string, Range> ranges;
};

struct Int8Settings {
  Compiler* compiler = nullptr;
  const ImageSet* calibration = nullptr;
  const ImageSet* validation = nullptr;  // with labels; none of the calibration's images
  double reference = 0;                  // top-1 of the float network on the validation images
  double acceptable_loss = 0.003;        // beyond it layers go back to float
  int weight_bits = 8;
  std::map<std::string, Range>
      known;  // of activations; not empty: the network was trained for INT8 with these
  int workers = 1;
  CompileOptions timed;  // as the target runs it
  ChildLimits limits;    // of the child that times on the target
  uint64_t seed = 0;
  // Trains the network for INT8 (pipeline/tune_int8.h); null: not done. What it makes is taken when
  // its outputs are nearer to the float network's, by divergence on the validation images; when it
  // fails, there is a warning.
  std::function<Expected<Tuned>(const Network&)> tune;
};

struct Int8Result {
  Network network;
  double accuracy = 0;                  // on the validation images
  std::vector<std::string> kept_float;  // layers
  bool tuned = false;                   // trained for INT8
};

Expected<Int8Result> MakeInt8(const Network& network, const Int8Settings& settings);

}  // namespace nacre
