#include <fmt/format.h>

#include <algorithm>

#include "task/task.h"

namespace nacre {
namespace {

// One character an image: '1' where the answer is right.
std::string RecordOf(const std::vector<bool>& right) {
  std::string record;
  for (const bool each : right) record += each ? '1' : '0';
  return record;
}

std::vector<bool> RightIn(const std::string& record) {
  std::vector<bool> right;
  for (const char each : record) right.push_back(each == '1');
  return right;
}

}  // namespace

Expected<Judged> ClassificationTask::Judge(const Tensor& answers, const ImageSet& images) const {
  const int most = *std::max_element(images.labels.begin(), images.labels.end());
  if (most >= answers.shape().at(1)) {
    return Fail(ErrorKind::kData,
                fmt::format("the images have class {}, but the network has only {} classes: check "
                            "the class folders",
                            most, answers.shape()[1]));
  }
  const std::vector<bool> right = metric_.Right(answers, images.labels);
  return Judged{metric_.Measure(right, images.labels).value, RecordOf(right)};
}

Accuracy ClassificationTask::Measure(const std::string& record, const ImageSet& images) const {
  return metric_.Measure(RightIn(record), images.labels);
}

Drop ClassificationTask::Compare(const std::string& original, const std::string& result,
                                 const ImageSet& images, const MaxDrop& most) const {
  return most.Of(CountPairs(RightIn(original), RightIn(result), metric_.Weights(images.labels)));
}

}  // namespace nacre
