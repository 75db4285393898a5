// INT8 within an acceptable loss of accuracy: post-training quantisation with the ranges by the
// method that loses least; tuned weights, where there is time for that; then layers back in float,
// while the loss is too large.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/expected.h"
#include "data/image_set.h"
#include "forecast/priors.h"
#include "quantize/quantize.h"
#include "target/measure.h"
#include "task/task.h"

namespace nacre {

// Trained for INT8: a float network, and the ranges of its activations that were learned with it.
struct Tuned {
  Network network;
  std::map<std::string, Range> ranges;
};

struct Int8Settings {
  Compiler* compiler = nullptr;
  const ImageSet* calibration = nullptr;
  const ImageSet* validation = nullptr;  // none of the calibration's images
  double reference = 0;                  // accuracy of the float network on the validation images
  std::shared_ptr<const Task> task = std::make_shared<const ClassificationTask>();
  // Of accuracy; with a larger loss layers go back to float. A guess: 0.3 points.
  double acceptable_loss = priors::kAcceptableInt8Loss;
  int weight_bits = 8;
  // Ranges of activations; not empty: the network was trained for INT8 with these, and no others
  // are looked for.
  std::map<std::string, Range> known;
  int workers = 1;       // threads of predicting and of calibration
  CompileOptions timed;  // as the target runs it
  ChildLimits limits;    // of the child that times on the target
  uint64_t seed = 0;
  // Hears what is being done, at least once for every pass over images; may be empty.
  std::function<void(const std::string&)> progress;
  // Whether there is time to look for something better: ranges by another method, layers back in
  // float. Empty: always.
  std::function<bool()> more_time;
  // Trains the network for INT8 (train/tune_int8.h); null: not done. Its result is taken when its
  // outputs are nearer to the float network's, by divergence on the validation images. A failure is
  // a warning, unless it is an interruption.
  std::function<Expected<Tuned>(const Network&)> tune;
};

struct Int8Result {
  Network network;
  double accuracy = 0;                  // on the validation images
  std::vector<std::string> kept_float;  // layers
  bool tuned = false;                   // trained for INT8
};

// Accuracy of the float network, compiled, on the validation images.
Expected<double> FloatAccuracy(const Network& network, const Int8Settings& settings);

// Errors: those of the compiler, of CollectRanges (quantize/quantize.h), and kInterrupted from
// `tune`. Not thread-safe.
Expected<Int8Result> MakeInt8(const Network& network, const Int8Settings& settings);

}  // namespace nacre
