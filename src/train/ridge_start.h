// Start weights by least squares: the last convolutions of a candidate are solved for, so that what
// they make of the candidate's own features is as near as possible to the teacher's values (channel
// pruning by reconstruction: He et al., arXiv 1707.06168, section 3.1). Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "train/distill.h"
#include "train/module.h"
#include "train/ridge.h"

namespace nacre::train_internal {

// The value before the activation that makes `value`; `value` itself where no activation does.
std::string BeforeActivation(const Network& network, const std::string& value);

// The solution for one candidate, one convolution a pass: first that of the shortcut, if there is
// one, then that of the branch. Not thread-safe.
class RidgeStart {
 public:
  // Nothing where the candidate does not end in a dense convolution with batch-norm, with or
  // without an addition and an activation, or where its features are too many.
  static std::optional<RidgeStart> For(const Network& teacher, const SpanJob& job);

  size_t passes() const { return branches_.size(); }
  // Batches of one pass. `x`: the span's input; `target`: the teacher's value before the activation
  // of its output.
  void Begin(size_t pass);
  bool WantsMore() const;
  void Add(const at::Tensor& x, const at::Tensor& target);
  void End();
  // The candidate with the solved weights, or as it was where that is nearer to the teacher's
  // output of this batch.
  Network Better(const at::Tensor& x, const at::Tensor& output) const;

 private:
  struct Branch {
    size_t convolution = 0, norm = 0;  // nodes of the fragment
  };
  RidgeStart(const Network& fragment, std::string sum, std::vector<Branch> branches);
  int64_t FeaturesOf(const Branch& branch) const;

  const Network* original_;
  Network fragment_;
  std::string sum_;  // the value that is compared with the target
  std::vector<Branch> branches_;
  size_t pass_ = 0;
  std::optional<Module> module_;
  Ridge ridge_;
};

}  // namespace nacre::train_internal
