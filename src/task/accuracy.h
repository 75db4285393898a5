// The accuracy of a classifier, and how near two classifiers are, from their logits. Thread-safe.
#pragma once

#include <vector>

#include "base/units.h"
#include "data/image_set.h"
#include "graph/network.h"

namespace nacre {

// right / images with the 95 % Wilson score interval (E. B. Wilson, 1927), which stays inside [0,
// 1] and is honest near its ends. No images: value 0, interval [0, 1]. Throws std::logic_error
// unless 0 <= right <= images.
Accuracy WilsonAccuracy(int64_t right, int64_t images);
// The same interval for a share in [0, 1] of `images`, which may be a fraction above 0.
Accuracy WilsonInterval(double share, double images);

// The rows whose label is among the k highest classes, and their share. `logits` is float [n,
// classes] (further dimensions of 1 are allowed), `labels` has n entries. A tie goes to the lower
// class; NaN never wins. With classes <= k every label with a number is right. Throws
// std::logic_error on shapes that do not fit.
std::vector<bool> RightTopK(const Tensor& logits, const std::vector<int>& labels, int k);
Accuracy TopK(const Tensor& logits, const std::vector<int>& labels, int k);
inline Accuracy TopOne(const Tensor& logits, const std::vector<int>& labels) {
  return TopK(logits, labels, 1);
}

// The highest class of each row, [n]; a tie goes to the lower class. -1 where all are NaN.
std::vector<int> Classes(const Tensor& logits);

// Share of images on which two networks name the same class; both logits are [n, classes].
Accuracy Agreement(const Tensor& logits, const Tensor& others);

// Kullback-Leibler divergence of softmax(others) from softmax(logits), nats per image; both are
// float [n, classes]. Not negative; lower is nearer.
double Divergence(const Tensor& logits, const Tensor& others);

}  // namespace nacre
