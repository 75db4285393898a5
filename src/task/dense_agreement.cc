#include "task/dense_agreement.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "task/answer_rows.h"

namespace nacre {

using namespace task_internal;

namespace {

size_t Highest(Row row) {
  return static_cast<size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

// One image's answers, both ways.
class ImageAgreement {
 public:
  ImageAgreement(const AnswerForm& form, const std::vector<size_t>& begins, Row original,
                 Row answer)
      : form_(form), begins_(begins), original_(original), answer_(answer) {}

  double Mean() const {
    double sum = 0;
    for (size_t part = 0; part < form_.parts.size(); ++part) sum += OfPart(part);
    return sum / static_cast<double>(form_.parts.size());
  }

 private:
  double OfPart(size_t part) const {
    switch (form_.parts[part].kind) {
      case AnswerKind::kClasses:
        return OfClasses(part);
      case AnswerKind::kLogits:
        return OfLogits(part);
      case AnswerKind::kNumbers:
        break;
    }
    return OfNumbers(part);
  }

  double OfClasses(size_t part) const {
    int64_t same = 0;
    const int64_t rows = form_.parts[part].rows;
    for (int64_t row = 0; row < rows; ++row)
      same += Highest(RowOf(form_, begins_, original_, part, row)) ==
              Highest(RowOf(form_, begins_, answer_, part, row));
    return static_cast<double>(same) / static_cast<double>(rows);
  }

  double OfLogits(size_t part) const {
    int64_t both = 0, either = 0;
    for (size_t i = begins_[part]; i < begins_[part + 1]; ++i) {
      both += original_[i] > 0 && answer_[i] > 0;
      either += original_[i] > 0 || answer_[i] > 0;
    }
    return either == 0 ? 1 : static_cast<double>(both) / static_cast<double>(either);
  }

  double OfNumbers(size_t part) const {
    const AnswerPart& own = form_.parts[part];
    double squares = 0, spread = 0;
    const double variance =
        Variance(original_.subspan(begins_[part], begins_[part + 1] - begins_[part]));
    for (int64_t row = 0; row < own.rows; ++row) {
      const double seen = own.seen_in ? Seen(form_.parts[*own.seen_in],
                                             RowOf(form_, begins_, original_, *own.seen_in, row))
                                      : 1;
      const Row a = RowOf(form_, begins_, original_, part, row);
      const Row b = RowOf(form_, begins_, answer_, part, row);
      for (size_t i = 0; i < a.size(); ++i) squares += seen * (a[i] - b[i]) * (a[i] - b[i]);
      spread += seen * variance * static_cast<double>(a.size());
    }
    return spread > 0 ? std::max(0.0, 1 - squares / spread) : 1;
  }

  const AnswerForm& form_;
  const std::vector<size_t>& begins_;
  const Row original_, answer_;
};

struct Moments {
  double mean = 0, error = 0;  // of the mean, one standard deviation
};

Moments MomentsOf(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Moments moments;
  for (const double value : values) moments.mean += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - moments.mean) * (value - moments.mean);
  if (values.size() > 1) moments.error = std::sqrt(squares / (n - 1) / n);
  return moments;
}

std::string RecordOf(const std::vector<double>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

std::vector<double> ValuesIn(const std::string& record) {
  std::vector<double> values(record.size() / sizeof(double));
  std::memcpy(values.data(), record.data(), values.size() * sizeof(double));
  return values;
}

}  // namespace

std::vector<double> DenseAgreement(const AnswerForm& form, const Tensor& original,
                                   const Tensor& answers) {
  CheckAnswers(form, original, answers);
  const std::vector<size_t> begins = BeginningsOf(form);
  std::vector<double> agreement;
  for (int64_t image = 0; image < original.shape()[0]; ++image) {
    const size_t at = static_cast<size_t>(image) * begins.back();
    agreement.push_back(ImageAgreement(form, begins, original.floats().subspan(at, begins.back()),
                                       answers.floats().subspan(at, begins.back()))
                            .Mean());
  }
  return agreement;
}

Expected<Judged> DenseAgreementTask::Judge(const Tensor& answers, const ImageSet& images) const {
  NACRE_TRY(const auto original, known_(images.hash));
  const std::vector<double> agreement = DenseAgreement(form_, *original, answers);
  return Judged{MomentsOf(agreement).mean, RecordOf(agreement)};
}

Accuracy DenseAgreementTask::Measure(const std::string& record, const ImageSet& images) const {
  constexpr double kNormal = 1.959963984540054;  // 97.5th percentile of the standard normal
  const Moments moments = MomentsOf(ValuesIn(record));
  return {moments.mean, std::max(0.0, moments.mean - kNormal * moments.error),
          std::min(1.0, moments.mean + kNormal * moments.error), images.count()};
}

Drop DenseAgreementTask::Compare(const std::string& original, const std::string& result,
                                 const ImageSet& /*images*/, const MaxDrop& most) const {
  constexpr double kNormal = 1.6448536269514722;  // 95th percentile
  const std::vector<double> before = ValuesIn(original), after = ValuesIn(result);
  std::vector<double> losses;
  for (size_t i = 0; i < before.size(); ++i) losses.push_back(before[i] - after[i]);
  const Moments moments = MomentsOf(losses);
  const double reference = MomentsOf(before).mean;
  const double unit = most.in_points || reference <= 0 ? 1 : reference;
  return {moments.mean / unit, (moments.mean - kNormal * moments.error) / unit,
          (moments.mean + kNormal * moments.error) / unit};
}

}  // namespace nacre
