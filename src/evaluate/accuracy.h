// How right a classifier is: from logits, or by running a compiled network over images.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dataset/image_set.h"
#include "graph/network.h"
#include "target/target.h"

namespace nacre {

// right / images with the 95 % Wilson score interval (E. B. Wilson, 1927), which stays inside [0,
// 1] and is honest near its ends. No images: value 0, interval [0, 1]. Throws std::logic_error
// unless 0 <= right <= images.
Accuracy WilsonAccuracy(int64_t right, int64_t images);

// `logits` is float [n, classes] (further dimensions of 1 allowed), `labels` has n entries. Right
// when fewer than k classes score higher than the label's, ties going to the lower class; NaN never
// wins. With classes <= k every number is right. Throws std::logic_error on shapes that do not fit.
Accuracy TopK(const Tensor& logits, const std::vector<int>& labels, int k);
inline Accuracy TopOne(const Tensor& logits, const std::vector<int>& labels) {
  return TopK(logits, labels, 1);
}
inline Accuracy TopFive(const Tensor& logits, const std::vector<int>& labels) {
  return TopK(logits, labels, 5);
}

// The class of each row; ties to the lower class.
std::vector<int> Classes(const Tensor& logits);

// Share of images on which two networks name the same class; both logits are [n, classes].
Accuracy Agreement(const Tensor& logits, const Tensor& others);

// Kullback-Leibler divergence of softmax(others) from softmax(logits), nats per image; both [n,
// classes]. Not negative.
double Divergence(const Tensor& logits, const Tensor& others);

struct EvaluateOptions {
  int64_t batch = 64;  // where the compile options leave it dynamic; falls back to 1 when the
                       // network has a fixed batch
  std::function<void(double fraction)> progress;
};

// Logits [count, classes] of a network with one input and one output, compiled by `options`; the
// last batch is filled up, so the network that runs is one of a static batch, as deployed. Errors:
// kData when there are no images, kModel when the network has not one input and one output, and the
// compiler's.
Expected<Tensor> PredictCompiled(Compiler& compiler, const Network& network,
                                 const CompileOptions& options, const ImageSet& images,
                                 const EvaluateOptions& evaluate = {});

// Top-1 of such a network. Error (kData) when a label is not one of the network's classes.
Expected<Accuracy> EvaluateCompiled(Compiler& compiler, const Network& network,
                                    const CompileOptions& options, const ImageSet& images,
                                    const EvaluateOptions& evaluate = {});

// Nothing when `stated` lies in the interval of `measured`; else Error (kData) with both numbers
// and the usual causes.
Expected<void> CheckStatedAccuracy(const Accuracy& measured, double stated);

// Why `measured` is not `stated`: tries other channel orders, scales, means and deviations on at
// most 2000 of the images and returns an Error (kData) that names the one that reproduces the
// stated accuracy, or the best one, or none.
tl::unexpected<Error> ExplainMismatch(const Network& network, Compiler& compiler,
                                      const ImageSet& images, const Accuracy& measured,
                                      double stated);

}  // namespace nacre
