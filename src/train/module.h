// Module: a Network lowered to a list of operations over torch tensors. Private to train/.
//
// Values live in numbered slots. Parameters, batch-norm statistics and constants fill their slots
// once; a Frame is one execution. Four-dimensional activations and weights are channels-last. An
// operation overwrites its input where nothing else reads it and no gradient needs it, and slots
// are emptied after their last use. Not thread-safe.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"
#include "graph/network.h"

namespace nacre::train_internal {

struct RunMode {
  bool training = false;  // batch-norm uses the batch's statistics, which update the running ones
  // Weight of this batch in the running statistics; negative: as the node's own momentum says.
  double statistics = -1;
  bool observe = false;  // ranges of fake-quantised activations take in what passes unrounded
};

struct Frame {
  std::vector<at::Tensor> values;  // by slot
  RunMode mode;
};

// Reads the slots of its inputs and fills those of its outputs.
using Apply = std::function<void(Frame&)>;

// One node, or several that run as one (train/norm_chains.h).
struct Operation {
  std::string node, op;              // name and ONNX operation, for messages
  std::vector<int> inputs, outputs;  // slots
  std::vector<int> release;          // slots that are emptied afterwards
  Apply apply;
};

struct Parameter {
  std::string name;    // of the initializer
  at::Tensor tensor;   // leaf with gradient
  bool decay = false;  // a weight with more than one dimension
  // Groups of a convolution that only a batch-norm reads, so that the scale of the weight has no
  // effect; 0: any other parameter.
  int64_t scale_free = 0;
  bool quantizer_scale = false;  // of fake quantisation (train/fake_quantize.h), no initializer
};

// Slots of one 8-bit activation, asymmetric (train/fake_quantize.h).
struct QuantizedActivation {
  int x = 0, y = 0;       // the value before and behind the quantizer
  int low = 0, high = 0;  // extremes that were observed, [1]
  int factor = 0;         // logarithm of a factor on the scale that they give, [1]
};

struct LowerOptions {
  std::set<std::string> keep;  // values that stay readable after a run, besides the outputs
  // Bits of fake-quantised weights; the inputs of Conv, Gemm, MatMul and Add then have 8. 0: none.
  int weight_bits = 0;
  // Convolutions, and what follows them up to the classifier, compute in bfloat16; parameters and
  // sums are float.
  bool bf16 = false;
};

class Module {
 public:
  // The network must have one input and at least one output. Error (kModel) names the first node
  // that cannot be lowered.
  static Expected<Module> Lower(const Network& network, const LowerOptions& options = {});

  // The first output for an input batch.
  at::Tensor Forward(const at::Tensor& input, RunMode mode = {}) const;

  Frame NewFrame(RunMode mode) const { return {fixed_, mode}; }
  int InputSlot() const { return slots_.at(input_); }
  int OutputSlot() const { return slots_.at(output_); }
  // -1 when there is no such value.
  int Slot(const std::string& value) const;
  // Throws std::runtime_error that names the node when torch refuses.
  void Run(Frame& frame, const std::vector<size_t>& operations) const;
  // Operations that the slots depend on, in order.
  std::vector<size_t> OperationsTo(const std::vector<int>& slots) const;
  // Operations that lead from one slot to another, in order. Error (kModel) when they need more
  // than `from` and constants, or when `to` does not depend on `from`.
  Expected<std::vector<size_t>> OperationsBetween(int from, int to) const;

  // A module that shares the weights and has gradients and buffers of its own: for another thread.
  Module Twin() const;

  std::vector<Parameter>& parameters() { return parameters_; }
  bool HasBatchNorm() const { return !statistics_.empty(); }
  // Batch-norm means and variances, by name; shared, not copied.
  std::map<std::string, at::Tensor> Statistics() const;
  // Those and the observed ranges.
  std::map<std::string, at::Tensor> Buffers() const;
  // Copies in a fixed order; exchanging them lets several candidates share one module.
  std::vector<at::Tensor> CloneStatistics() const;
  void SwapStatistics(std::vector<at::Tensor>& statistics);

  // Under fake quantisation: weights become what they are rounded to.
  void RoundWeights();
  // Under fake quantisation: lowest and highest value of each activation, by the value's name.
  std::map<std::string, std::pair<float, float>> LearnedRanges() const;

  // `network` with the initializers of the same name replaced by the module's, or by `instead`
  // where given there.
  Network Export(Network network, const std::map<std::string, at::Tensor>& instead = {}) const;

 private:
  friend class Lowerer;
  struct LearnedWeight {
    int weight = 0, factor = 0;  // slots
    int64_t axis = 0;            // of the output channels
  };

  std::string input_, output_;
  std::map<std::string, int> slots_;
  std::vector<at::Tensor> fixed_;  // what a new frame begins with, by slot
  std::vector<Operation> operations_;
  std::vector<Parameter> parameters_;
  std::map<std::string, int> statistics_;  // batch-norm means and variances
  std::map<std::string, int> ranges_;      // of fake quantisation
  std::vector<LearnedWeight> learned_weights_;
  std::map<std::string, QuantizedActivation> learned_activations_;
  int weight_bits_ = 0;
};

}  // namespace nacre::train_internal
