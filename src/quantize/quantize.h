// Post-training INT8 as pairs of QuantizeLinear and DequantizeLinear (QDQ) in ONNX. Weights are
// symmetric per output channel, activations asymmetric with 8 bits per tensor.
//
// The placement is the one that OpenVINO's CPU plugin turns into the fewest operations, as its
// runtime model shows: the Q stands behind the activation function, and both inputs of an Add carry
// one, so that the plugin fuses convolution, sum, activation and requantisation into one INT8
// primitive; and whatever else reads a quantised value reads its DQ, so that no float copy of it is
// made. All functions are thread-safe as far as the compiler is.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/image_set.h"
#include "graph/network.h"
#include "target/target.h"

namespace nacre {

// Lowest and highest value. It is widened to contain 0 when it is used, so that zero padding and
// ReLU's zero are exact.
struct Range {
  float low = 0, high = 0;
};

enum class RangeMethod {
  kMinMax,      // the extremes
  kPercentile,  // without the outliers, QuantizeOptions::percentile
  kMse,         // the range with the least squared error of rounding and clipping
};

struct QuantizeOptions {
  RangeMethod ranges = RangeMethod::kMse;
  // In (50, 100]: share of the non-zero values that is not clipped at each end.
  double percentile = 99.99;
  bool bias_correction = true;  // arXiv 1906.04721, section 4.2, empirical
  // From 2 to 8. 7 keeps pair sums of u8 x s8 products inside int16 on CPUs without VNNI, where
  // vpmaddubsw saturates.
  int weight_bits = 8;
  int64_t batch = 64;                   // of calibration; made smaller when activations are large
  int threads = 1;                      // of calibration
  std::vector<std::string> keep_float;  // nodes left in float, by name or by first output
  std::map<std::string, Range> known;   // ranges by value that are not looked for
};

// 8 where the machine multiplies u8 x s8 into int32 (VNNI, AMX, or Arm's dot product), else 7. On
// AVX2 without VNNI ResNet-20 (CIFAR-10) loses 1.4 points with 8 bits and less than 0.1 with 7.
int SafeWeightBits(const MachineInfo& machine);

// Values to be quantised: inputs of Conv/Gemm/MatMul with constant weights, of poolings behind
// them, and both inputs of an Add that a quantised operation feeds; taken before operations that
// only move data (MaxPool, Slice, Pad by zeros, Reshape, Flatten, Transpose, Concat, ...), which
// then move bytes. `network` must be batch-norm-folded. In topological order, network inputs first.
std::vector<std::string> QuantizedValues(const Network& network, const QuantizeOptions& options);

// Ranges from the calibration set, by running the float network in `compiler` with those values as
// outputs: one pass for the extremes, and one for histograms where the method needs them. Errors:
// kData when the set is empty or a value is not finite, kModel when the network does not have
// exactly one input, and the compiler's.
Expected<std::map<std::string, Range>> CollectRanges(const Network& network, Compiler& compiler,
                                                     const ImageSet& calibration,
                                                     const QuantizeOptions& options);

// Inserts QuantizeLinear/DequantizeLinear. Values without a range stay float. Inputs of one Concat
// get the union of their ranges. Biases stay float. Throws std::logic_error when `weight_bits` is
// out of range.
Network InsertQdq(const Network& network, const std::map<std::string, Range>& ranges,
                  const QuantizeOptions& options);

// Folds batch-norm, collects ranges, corrects biases and inserts QDQ. Errors: those of
// CollectRanges.
Expected<Network> Quantize(const Network& network, Compiler& compiler, const ImageSet& calibration,
                           const QuantizeOptions& options);

// The same structure with made-up ranges ([0, 6] behind operations that cannot be negative, else
// [-4, 4]): for measuring latency before there is anything to calibrate. Needs no data, no
// compiler, and about a millisecond.
Network QuantizeForTiming(const Network& network);

}  // namespace nacre
