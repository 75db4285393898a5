// Replicas: one Module in several threads, each with its share of every batch. On small images this
// is half as fast again as all threads in every operation: nothing waits for the slowest, and a
// share fits the caches. Private to this room.
#pragma once

#include <functional>
#include <vector>

#include "base/crew.h"
#include "train/module.h"

namespace nacre {

class Replicas {
 public:
  // As many as there are threads, as long as each gets kLeastImages of a batch: batch-norm takes
  // its statistics from the share.
  Replicas(Module module, int threads, int64_t batch);
  static constexpr int64_t kLeastImages = 32;

  Module& first() { return modules_.front(); }
  const Module& first() const { return modules_.front(); }

  // loss(module, begin, end) of the images from begin to end of the batch, divided by the size of
  // the whole batch, is computed and differentiated in every replica. Leaves the sum of the
  // gradients and the mean of the buffers in the first; returns the sum.
  using Loss = std::function<at::Tensor(const Module& module, int64_t begin, int64_t end)>;
  double Differentiate(const Loss& loss);
  // work(part, parts) in every replica's thread.
  void Each(const std::function<void(int part, int parts)>& work);
  void ShareBuffers();  // the first's become all's

 private:
  void AddGradients(int part);
  void AverageBuffers();

  std::vector<Module> modules_;
  int64_t batch_;
  int threads_;  // of each
  Crew crew_;
};

}  // namespace nacre
