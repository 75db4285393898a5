// Metric: which answers of a classifier are right, and what each image counts. A new one is an
// entry in metric.cc. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"
#include "graph/tensor.h"

namespace nacre {

class Metric {
 public:
  virtual ~Metric() = default;

  virtual std::string name() const = 0;   // as in a run file: "top1"
  virtual std::string title() const = 0;  // for people: "top-1"
  // Which images are answered rightly, [n]. `logits` is float [n, classes]; a tie goes to the lower
  // class, NaN never wins. Throws std::logic_error on shapes that do not fit.
  virtual std::vector<bool> Right(const Tensor& logits, const std::vector<int>& labels) const = 0;
  // What each image counts, [n]; they add up to 1. Empty: all count alike.
  virtual std::vector<double> Weights(const std::vector<int>& /*labels*/) const { return {}; }

  // The weighted share of right answers with its 95 % Wilson interval. With weights that differ the
  // interval is that of as many images as would have the same variance, 1 / sum of squares.
  Accuracy Measure(const std::vector<bool>& right, const std::vector<int>& labels) const;
  Accuracy Measure(const Tensor& logits, const std::vector<int>& labels) const {
    return Measure(Right(logits, labels), labels);
  }
};

// The highest class is the label.
const Metric& TopOneMetric();

// "top1"; "top5": the label is among the five highest classes; "balanced": top-1 with all classes
// that have images counting alike, however many they have. nullptr: there is no such metric.
const Metric* FindMetric(const std::string& name);
std::vector<std::string> MetricNames();

}  // namespace nacre
