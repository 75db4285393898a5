// How right a classifier is, from its logits.
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

// `logits` is float [n, classes] (further dimensions of 1 allowed), `labels` has n entries. Right
// when fewer than k classes score higher than the label's, ties going to the lower class; NaN never
// wins. With classes <= k every number is right. Throws std::logic_error on shapes that do not fit.
Accuracy TopK(const Tensor& logits, const std::vector<int>& labels, int k);
inline Accuracy TopOne(const Tensor& logits, const std::vector<int>& labels) {
  return TopK(logits, labels, 1);
}

// The class of each row; ties to the lower class.
std::vector<int> Classes(const Tensor& logits);

// Share of images on which two networks name the same class; both logits are [n, classes].
Accuracy Agreement(const Tensor& logits, const Tensor& others);

// Kullback-Leibler divergence of softmax(others) from softmax(logits), nats per image; both [n,
// classes]. Not negative.
double Divergence(const Tensor& logits, const Tensor& others);

}  // namespace nacre
