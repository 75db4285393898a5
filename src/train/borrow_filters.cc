#include "train/borrow_filters.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nacre::train_internal {
namespace {

// Whether the weight [out, in / groups, height, width] is a constant.
bool HasKernel(const Network& network, const Node& conv) {
  const Tensor* weight = conv.inputs.size() > 1 ? network.Initializer(conv.inputs[1]) : nullptr;
  return conv.op == "Conv" && weight != nullptr && weight->shape().size() == 4;
}

// A convolution with what normalises it, and both weights' shapes known.
struct Normed {
  const Node* conv = nullptr;
  const Node* norm = nullptr;
};

// The first such convolution that reads the value.
std::optional<Normed> FirstReading(const Network& network, const std::string& value) {
  for (const Node& conv : network.nodes) {
    if (conv.inputs.empty() || conv.inputs[0] != value || !HasKernel(network, conv)) continue;
    for (const Node& norm : network.nodes) {
      const bool reads = norm.op == "BatchNormalization" && norm.inputs[0] == conv.outputs[0];
      if (!reads) continue;
      const bool known = network.Initializer(norm.inputs[1]) != nullptr &&
                         network.Initializer(norm.inputs[2]) != nullptr;
      return known ? std::optional(Normed{&conv, &norm}) : std::nullopt;
    }
  }
  return std::nullopt;
}

// Indices of the largest, the largest first.
std::vector<size_t> LargestFirst(std::span<const float> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return std::abs(values[a]) > std::abs(values[b]); });
  return order;
}

}  // namespace

void BorrowFilters(const Network& teacher, const SpanJob& job, Network& fragment) {
  const auto own = FirstReading(fragment, fragment.inputs[0].name);
  const auto theirs = FirstReading(teacher, job.input);
  if (!own || !theirs) return;
  const Tensor& given = *teacher.Initializer(theirs->conv->inputs[1]);
  Tensor& weight = fragment.initializers.at(own->conv->inputs[1]);
  Shape filter = given.shape(), wanted = weight.shape();
  filter[0] = wanted[0] = 1;
  if (filter != wanted || own->conv->Int("group", 1) != theirs->conv->Int("group", 1)) return;
  const auto size = static_cast<size_t>(ElementCount(filter));
  std::vector<float> weights = weight.ToFloats(), source = given.ToFloats();
  const bool is_inherited =
      std::search(source.begin(), source.end(), weights.begin(),
                  weights.begin() + static_cast<std::ptrdiff_t>(size)) != source.end();
  if (is_inherited) return;
  const std::vector<float> gains = teacher.Initializer(theirs->norm->inputs[1])->ToFloats(),
                           offsets = teacher.Initializer(theirs->norm->inputs[2])->ToFloats();
  std::vector<float> gain = fragment.initializers.at(own->norm->inputs[1]).ToFloats(),
                     offset = fragment.initializers.at(own->norm->inputs[2]).ToFloats();
  size_t next = 0;
  for (const size_t from : LargestFirst(gains)) {
    if (next == gain.size()) break;
    std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(from * size), size,
                weights.begin() + static_cast<std::ptrdiff_t>(next * size));
    gain[next] = gains[from];
    offset[next++] = offsets[from];
  }
  weight = Tensor::Floats(weight.shape(), weights);
  const Shape channels = {static_cast<int64_t>(gain.size())};
  fragment.initializers[own->norm->inputs[1]] = Tensor::Floats(channels, gain);
  fragment.initializers[own->norm->inputs[2]] = Tensor::Floats(channels, offset);
}

}  // namespace nacre::train_internal
