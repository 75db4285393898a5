#include "task/accuracy.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

#include "task/log_softmax.h"

namespace nacre {

using namespace task_internal;

namespace {

struct Rows {
  std::span<const float> values;
  int64_t count = 0, classes = 0;
  std::span<const float> operator[](int64_t row) const {
    return values.subspan(row * classes, classes);
  }
};

Rows RowsOf(const Tensor& logits) {
  if (logits.shape().empty()) throw std::logic_error("logits need a batch dimension");
  const int64_t count = logits.shape()[0];
  return {logits.floats(), count, count == 0 ? 0 : logits.count() / count};
}

int HighestClass(std::span<const float> row) {
  int best = -1;
  for (size_t c = 0; c < row.size(); ++c)
    if (!std::isnan(row[c]) && (best < 0 || row[c] > row[best])) best = static_cast<int>(c);
  return best;
}

bool IsAmongFirst(std::span<const float> row, int label, int k) {
  if (label < 0 || label >= static_cast<int>(row.size())) return false;
  const float own = row[label];
  if (std::isnan(own)) return false;
  int before = 0;
  for (int c = 0; c < static_cast<int>(row.size()); ++c)
    if (row[c] > own || (row[c] == own && c < label)) ++before;
  return before < k;
}

}  // namespace

Accuracy WilsonAccuracy(int64_t right, int64_t images) {
  if (right < 0 || right > images) throw std::logic_error("more right answers than images");
  if (images == 0) return {0, 0, 1, 0};
  const auto n = static_cast<double>(images);
  Accuracy accuracy = WilsonInterval(static_cast<double>(right) / n, n);
  accuracy.images = images;
  return accuracy;
}

Accuracy WilsonInterval(double p, double n) {
  constexpr double z = 1.959963984540054;  // 97.5th percentile of the standard normal
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {p, std::max(0.0, centre - half), std::min(1.0, centre + half),
          static_cast<int64_t>(std::llround(n))};
}

std::vector<bool> RightTopK(const Tensor& logits, const std::vector<int>& labels, int k) {
  const Rows rows = RowsOf(logits);
  if (rows.count != static_cast<int64_t>(labels.size()) || k < 1)
    throw std::logic_error("TopK: there must be a label for each row of logits, and k >= 1");
  std::vector<bool> right;
  for (int64_t i = 0; i < rows.count; ++i) right.push_back(IsAmongFirst(rows[i], labels[i], k));
  return right;
}

Accuracy TopK(const Tensor& logits, const std::vector<int>& labels, int k) {
  const std::vector<bool> right = RightTopK(logits, labels, k);
  return WilsonAccuracy(std::count(right.begin(), right.end(), true),
                        static_cast<int64_t>(right.size()));
}

std::vector<int> Classes(const Tensor& logits) {
  const Rows rows = RowsOf(logits);
  std::vector<int> classes;
  for (int64_t i = 0; i < rows.count; ++i) classes.push_back(HighestClass(rows[i]));
  return classes;
}

Accuracy Agreement(const Tensor& logits, const Tensor& others) {
  const std::vector<int> a = Classes(logits), b = Classes(others);
  if (a.size() != b.size())
    throw std::logic_error("only logits of the same images can be compared");
  int64_t same = 0;
  for (size_t i = 0; i < a.size(); ++i) same += a[i] == b[i] && a[i] >= 0;
  return WilsonAccuracy(same, static_cast<int64_t>(a.size()));
}

double Divergence(const Tensor& logits, const Tensor& others) {
  if (logits.shape() != others.shape() || logits.shape().size() != 2) {
    throw std::logic_error("only logits of the same images can be compared");
  }
  const Rows a = RowsOf(logits), b = RowsOf(others);
  double sum = 0;
  for (int64_t i = 0; i < a.count; ++i) sum += RowDivergence(a[i], b[i]);
  return a.count == 0 ? 0 : std::max(0.0, sum / static_cast<double>(a.count));
}

}  // namespace nacre
