// Agreement of networks that do not classify: segmentation, detection, whatever answers by heads.
// The original's own answers are the truth. Thread-safe.
#pragma once

#include <functional>
#include <memory>

#include "task/task.h"

namespace nacre {

// What the original answers to these images, [n, numbers], by their hash.
using KnownAnswers =
    std::function<Expected<std::shared_ptr<const Tensor>>(const std::string& images)>;

// The accuracy of an image is the mean over the parts of its answer. Classes: the share of rows
// with the same highest class. Logits: of the numbers that either network holds for likelier than
// not, the share that both do; 1 where neither does. Numbers: one less their squared error over the
// original's variance, at least 0; where a part tells what is seen, only those rows count.
class DenseAgreementTask final : public Task {
 public:
  DenseAgreementTask(AnswerForm form, KnownAnswers known)
      : form_(std::move(form)), known_(std::move(known)) {}

  const AnswerForm& form() const override { return form_; }
  Expected<Judged> Judge(const Tensor& answers, const ImageSet& images) const override;
  // The interval is that of a mean over images (Student's t is taken for normal).
  Accuracy Measure(const std::string& record, const ImageSet& images) const override;
  Drop Compare(const std::string& original, const std::string& result, const ImageSet& images,
               const MaxDrop& most) const override;

 private:
  const AnswerForm form_;
  const KnownAnswers known_;
};

// Of each image, [n], in [0, 1]. Throws std::logic_error on shapes that do not fit.
std::vector<double> DenseAgreement(const AnswerForm& form, const Tensor& original,
                                   const Tensor& answers);

}  // namespace nacre
