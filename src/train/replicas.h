// Replicas: one Module in several threads, each with its share of every batch. On small images this
// is half as fast again as all threads in every operation: no operation waits for the slowest
// thread, and a share fits the caches (decision 12). Private to train/.
#pragma once

#include <functional>
#include <vector>

#include "base/crew.h"
#include "train/module.h"

namespace nacre::train_internal {

class Replicas {
 public:
  // As many as there are threads, as long as each gets kLeastImages of a batch; with more threads
  // than that allows, each replica computes with several.
  Replicas(Module module, int threads, int64_t batch);
  // Batch-norm takes its statistics from the share; of fewer images they would be too noisy. A
  // guess (decision 12 has no measurement of it).
  static constexpr int64_t kLeastImages = 32;

  Module& first() { return modules_.front(); }
  const Module& first() const { return modules_.front(); }

  // The loss of the images from `begin` to `end` of the batch, summed over them and divided by the
  // size of the whole batch.
  using Loss = std::function<at::Tensor(const Module& module, int64_t begin, int64_t end)>;
  // Computes and differentiates the loss in every replica, of `most` images at once. Leaves the sum
  // of the gradients and the mean of the buffers in the first; returns the sum of the losses. The
  // sum is taken in a fixed order, so that the result is a function of the seed and the number of
  // threads.
  double Differentiate(const Loss& loss, int64_t most);
  // work(part, parts) in every replica's thread.
  void Each(const std::function<void(int part, int parts)>& work);
  // All replicas take over the buffers of the first.
  void ShareBuffers();

 private:
  void AddGradients(int part);
  void AverageBuffers();

  std::vector<Module> modules_;
  int64_t batch_;
  int threads_;  // of each replica
  Crew crew_;
};

}  // namespace nacre::train_internal
