// Module: a Network lowered to a list of steps over torch tensors. Private to this room.
//
// Values live in numbered slots. Parameters, batch-norm statistics and constants fill their slots
// once; a Frame is one execution. Four-dimensional activations and weights are channels-last. A
// step overwrites its input where nothing else reads it and no gradient needs it, and slots are
// emptied after their last use. Not thread-safe.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

struct RunMode {
  bool training = false;  // batch-norm by batch statistics, which update the running ones
  double statistics =
      -1;  // weight of this batch in the running statistics; negative: the node's own momentum
  bool observe = false;  // ranges of fake-quantised activations take in what passes unrounded
};

struct Frame {
  std::vector<at::Tensor> values;
  RunMode mode;
};

using Apply = std::function<void(Frame&)>;

struct Step {
  std::string node, op;
  std::vector<int> inputs, outputs, release;
  Apply apply;
};

struct Parameter {
  std::string name;    // of the initializer
  at::Tensor tensor;   // leaf with gradient
  bool decay = false;  // a weight with more than one dimension
  // Groups of a convolution that only a batch-norm reads, so that its scale is without effect; 0:
  // another parameter.
  int64_t scale_free = 0;
  bool step = false;  // of a quantizer (train/fake_quantize.h), and no initializer
};

// Slots of one 8-bit activation, asymmetric (train/fake_quantize.h).
struct QuantizedActivation {
  int x = 0, y = 0;
  int low = 0, high = 0;  // seen so far, [1]
  int factor = 0;         // logarithm of one on the step, [1]
};

struct LowerOptions {
  std::set<std::string> keep;  // values that stay readable after a run, besides the outputs
  int weight_bits =
      0;  // fake-quantised weights, and 8-bit inputs of Conv, Gemm, MatMul and Add; 0: floats
  bool bf16 = false;  // convolutions and what follows them, up to the classifier, in bfloat16;
                      // parameters and sums in float
};

class Module {
 public:
  // Error (kModel) names the first node that cannot be lowered. Needs one input and at least one
  // output.
  static Expected<Module> Lower(const Network& network, const LowerOptions& options = {});

  // First output for an input batch.
  at::Tensor Forward(const at::Tensor& input, RunMode mode = {}) const;

  Frame NewFrame(RunMode mode) const { return {fixed_, mode}; }
  int InputSlot() const { return slots_.at(input_); }
  int OutputSlot() const { return slots_.at(output_); }
  // -1 when there is no such value.
  int Slot(const std::string& value) const;
  // Throws std::runtime_error that names the node when torch refuses.
  void Run(Frame& frame, const std::vector<size_t>& steps) const;
  // Steps that the slots depend on, in order.
  std::vector<size_t> StepsTo(const std::vector<int>& slots) const;
  // Steps between two slots, in order. Error (kModel) when something else than `from` and constants
  // is needed.
  Expected<std::vector<size_t>> StepsBetween(int from, int to) const;

  // The same weights, with gradients and buffers of its own: for another thread.
  Module Twin() const;

  std::vector<Parameter>& parameters() { return parameters_; }
  bool HasBatchNorm(const std::vector<size_t>& steps) const;
  bool HasBatchNorm() const { return !statistics_.empty(); }
  // Batch-norm means and variances, by name; shared, not copied.
  std::map<std::string, at::Tensor> Statistics() const;
  // Those and the observed ranges.
  std::map<std::string, at::Tensor> Buffers() const;
  // Copies in a fixed order; exchanging them lets several candidates share one module.
  std::vector<at::Tensor> CloneStatistics() const;
  void SwapStatistics(std::vector<at::Tensor>& statistics);

  // Under fake quantisation: weights become what they are rounded to; the activations' ranges by
  // value.
  void RoundWeights();
  std::map<std::string, std::pair<float, float>> LearnedRanges() const;

  // `network` with the initializers of the same name replaced by the module's, or by `instead`
  // where given there.
  Network Export(Network network, const std::map<std::string, at::Tensor>& instead = {}) const;

 private:
  friend class Lowerer;
  std::string input_, output_;
  std::map<std::string, int> slots_;
  std::vector<at::Tensor> fixed_;
  std::vector<Step> steps_;
  std::vector<Parameter> parameters_;
  std::map<std::string, int> statistics_;  // batch-norm means and variances
  std::map<std::string, int> ranges_;      // of fake quantisation
  struct LearnedWeight {
    int weight = 0, factor = 0;  // slots
    int64_t axis = 0;
  };
  std::vector<LearnedWeight> learned_weights_;
  std::map<std::string, QuantizedActivation> learned_activations_;
  int weight_bits_ = 0;
};

// Conversions. Floats of four dimensions become channels-last.
at::Tensor ToTorch(const Tensor& tensor);
Tensor FromTorch(const at::Tensor& tensor);

// Torch's threads of the calling thread, for as long as this lives.
class TorchThreads {
 public:
  explicit TorchThreads(int threads);
  ~TorchThreads();
  TorchThreads(const TorchThreads&) = delete;
  TorchThreads& operator=(const TorchThreads&) = delete;

 private:
  int before_;
};

// Runs `body` and turns what torch throws into an Error; std::logic_error passes.
Error FromException(const std::exception& error, const char* what);
template <typename F>
auto Guarded(const char* what, F&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::logic_error&) {
    throw;
  } catch (const std::exception& error) {
    return tl::unexpected<Error>(FromException(error, what));
  }
}

}  // namespace nacre
