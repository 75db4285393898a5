// Task: what a network is for, which decides how its answers are judged. A new one is a file that
// implements this interface. Thread-safe.
#pragma once

#include <string>

#include "base/expected.h"
#include "data/image_set.h"
#include "task/answer_form.h"
#include "task/max_drop.h"
#include "task/metric.h"

namespace nacre {

// How good a network's answers are.
struct Judged {
  double value = 0;    // the accuracy, in [0, 1]
  std::string record;  // what Measure and Compare need of the answers, as bytes
};

class Task {
 public:
  virtual ~Task() = default;

  // What the numbers of an answer mean.
  virtual const AnswerForm& form() const = 0;
  // `answers` is float [n, numbers], a row of the form for each image of the set. Errors: kData
  // when the set does not fit the answers, and those of what the answers go through.
  virtual Expected<Judged> Judge(const Tensor& answers, const ImageSet& images) const = 0;

  // The accuracy of a record of Judge on these images, with its 95 % interval, which may take
  // hundreds of times as long as the value alone.
  virtual Accuracy Measure(const std::string& record, const ImageSet& images) const = 0;

  // The accuracy that `result` has lost against `original`, in the unit of `most`, with its bounds;
  // both are records of Judge on these images.
  virtual Drop Compare(const std::string& original, const std::string& result,
                       const ImageSet& images, const MaxDrop& most) const = 0;
};

// The class of each image is right or wrong, by the metric.
class ClassificationTask final : public Task {
 public:
  // `metric` must outlive it.
  explicit ClassificationTask(const Metric& metric = TopOneMetric()) : metric_(metric) {}

  const AnswerForm& form() const override { return form_; }
  Expected<Judged> Judge(const Tensor& answers, const ImageSet& images) const override;
  Accuracy Measure(const std::string& record, const ImageSet& images) const override;
  Drop Compare(const std::string& original, const std::string& result, const ImageSet& images,
               const MaxDrop& most) const override;

 private:
  const Metric& metric_;
  const AnswerForm form_;
};

}  // namespace nacre
