// Post-training INT8: QDQ in ONNX. Weights symmetric per output channel, activations asymmetric 8-bit per tensor.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dataset/image_set.h"
#include "graph/network.h"
#include "target/target.h"

namespace nacre {

struct Range { float low = 0, high = 0; };

enum class RangeMethod { kMinMax, kPercentile, kMse };

struct QuantizeOptions {
  RangeMethod ranges = RangeMethod::kMse;
  double percentile = 99.99;
  bool bias_correction = true;
  // 7: keeps pair sums of u8 x s8 products inside int16 on CPUs without VNNI (vpmaddubsw saturates).
  int weight_bits = 8;
  int64_t batch = 64;
  std::vector<std::string> keep_float;  // nodes left in float
};

// Values to be quantised: inputs of Conv/Gemm/MatMul and both inputs of an Add that a quantised operation feeds.
// `network` must be batch-norm-folded.
std::vector<std::string> QuantizedValues(const Network& network, const QuantizeOptions& options);

// Ranges from the calibration set, by running the float network in `compiler` with those values as outputs.
Expected<std::map<std::string, Range>> CollectRanges(const Network& network, Compiler& compiler, const ImageSet& calibration, const QuantizeOptions& options);

// Inserts QuantizeLinear/DequantizeLinear. Values without a range stay float.
Network InsertQdq(const Network& network, const std::map<std::string, Range>& ranges, const QuantizeOptions& options);

// Folds batch-norm, collects ranges, corrects biases (arXiv 1906.04721, section 4.2, empirical), inserts QDQ.
Expected<Network> Quantize(const Network& network, Compiler& compiler, const ImageSet& calibration, const QuantizeOptions& options);

// The same structure with made-up ranges: for measuring latency before there is anything to calibrate.
Network QuantizeForTiming(const Network& network);

}  // namespace nacre
