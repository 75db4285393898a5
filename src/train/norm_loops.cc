#include "train/norm_loops.h"

#include <algorithm>
#include <bit>
#include <vector>

// The compiler vectorizes these loops for each of the instruction sets; the one that the machine
// has is chosen when the program starts. (That happens before a sanitizer is ready.)
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define NACRE_VECTORIZED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define NACRE_VECTORIZED
#endif
#define NACRE_INLINE inline __attribute__((always_inline))

namespace nacre::train_internal {
namespace {

constexpr int64_t kLeastPeriod = 128;  // elements; enough for the inner loops to be worth entering
// So many are added up as floats before the sums are added to the doubles.
constexpr int64_t kPeriodsPerSum = 64;

NACRE_INLINE float ToFloat(float x) { return x; }
NACRE_INLINE float ToFloat(Bf16Bits x) {
  return std::bit_cast<float>(static_cast<uint32_t>(x) << 16);
}
NACRE_INLINE void Store(float x, float* to) { *to = x; }
// Rounds to the nearest bfloat16, ties to even.
NACRE_INLINE void Store(float x, Bf16Bits* to) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  *to = static_cast<Bf16Bits>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// Rows are short: the loops run over a period of several, with the parameters repeated.
int64_t Period(int64_t channels) { return (kLeastPeriod + channels - 1) / channels * channels; }

std::vector<float> Repeated(const float* values, int64_t channels) {
  std::vector<float> result(static_cast<size_t>(Period(channels)));
  for (size_t i = 0; i < result.size(); ++i) result[i] = values[i % static_cast<size_t>(channels)];
  return result;
}

// Two sums a channel over a stream of periods: each(i, j, u, v) sets u and v to the terms of
// element i, whose place in the period is j.
template <typename F>
NACRE_INLINE void AddPairs(Extent extent, double* first, double* second, F each) {
  const int64_t period = Period(extent.channels), total = extent.rows * extent.channels;
  std::vector<float> sums(static_cast<size_t>(2 * period));
  float* __restrict a = sums.data();
  float* __restrict b = a + period;
  for (int64_t block = 0; block < total; block += kPeriodsPerSum * period) {
    const int64_t end = std::min(total, block + kPeriodsPerSum * period);
    std::fill(sums.begin(), sums.end(), 0.0f);
    for (int64_t i = block; i < end; i += period) {
      const int64_t count = std::min(period, end - i);
#pragma GCC ivdep
      for (int64_t j = 0; j < count; ++j) {
        float u, v;
        each(i + j, j, u, v);
        a[j] += u;
        b[j] += v;
      }
    }
    for (int64_t j = 0; j < period; ++j) {
      first[j % extent.channels] += a[j];
      second[j % extent.channels] += b[j];
    }
  }
}

// Calls each(i, j) for all elements.
template <typename F>
NACRE_INLINE void ForEach(Extent extent, F each) {
  const int64_t period = Period(extent.channels), total = extent.rows * extent.channels;
  for (int64_t i = 0; i < total; i += period) {
    const int64_t count = std::min(period, total - i);
#pragma GCC ivdep
    for (int64_t j = 0; j < count; ++j) each(i + j, j);
  }
}

template <typename T>
NACRE_INLINE void Moments(const T* __restrict x, Extent extent, const float* origin, double* sum,
                          double* squares) {
  const std::vector<float> origins = Repeated(origin, extent.channels);
  const float* __restrict zero = origins.data();
  AddPairs(
      extent, sum,
      squares, [=](int64_t i, int64_t j, float& u, float& v) __attribute__((always_inline)) {
        u = ToFloat(x[i]) - zero[j];
        v = u * u;
      });
}

template <bool relu, bool residual, typename T>
NACRE_INLINE void Forward(const T* __restrict x, const T* __restrict r, Extent extent,
                          const Scaling& scaling, T* __restrict y) {
  const std::vector<float> scales = Repeated(scaling.scale, extent.channels);
  const std::vector<float> shifts = Repeated(scaling.shift, extent.channels);
  const float* __restrict scale = scales.data();
  const float* __restrict shift = shifts.data();
  ForEach(
      extent, [=](int64_t i, int64_t j) __attribute__((always_inline)) {
        float value = ToFloat(x[i]) * scale[j] + shift[j];
        if (residual) value += ToFloat(r[i]);
        if (relu) value = value < 0 ? 0 : value;  // keeps what is not a number
        Store(value, y + i);
      });
}

template <typename T>
NACRE_INLINE void AnyForward(const T* x, const T* residual, Extent extent, const Scaling& scaling,
                             T* y) {
  if (scaling.relu) {
    residual ? Forward<true, true>(x, residual, extent, scaling, y)
             : Forward<true, false>(x, residual, extent, scaling, y);
  } else {
    residual ? Forward<false, true>(x, residual, extent, scaling, y)
             : Forward<false, false>(x, residual, extent, scaling, y);
  }
}

// By what ReLU's gradient is masked: not at all, by the stored output, or by what x gives.
enum class Mask { kNone, kOutput, kInput };

template <Mask mask, typename T>
NACRE_INLINE void Sums(const Gradient<T>& g, Extent extent, const Scaling& scaling,
                       const float* mean, double* sum, double* product) {
  const std::vector<float> scales = Repeated(scaling.scale, extent.channels);
  const std::vector<float> shifts = Repeated(scaling.shift, extent.channels);
  const std::vector<float> means = Repeated(mean, extent.channels);
  const float* __restrict scale = scales.data();
  const float* __restrict shift = shifts.data();
  const float* __restrict center = means.data();
  const T* __restrict dy = g.dy;
  const T* __restrict x = g.x;
  const T* __restrict y = g.y;
  T* __restrict passed = g.passed;
  AddPairs(
      extent, sum,
      product, [=](int64_t i, int64_t j, float& u, float& v) __attribute__((always_inline)) {
        const float input = ToFloat(x[i]);
        u = ToFloat(dy[i]);
        if (mask == Mask::kInput) u = input * scale[j] + shift[j] > 0 ? u : 0;
        if (mask == Mask::kOutput) {
          u = ToFloat(y[i]) > 0 ? u : 0;
          Store(u, passed + i);
        }
        v = u * (input - center[j]);
      });
}

template <bool masked, typename T>
NACRE_INLINE void Backward(const T* __restrict dy, const T* __restrict x, Extent extent,
                           const Scaling& scaling, const BackwardScaling& backward,
                           T* __restrict dx) {
  const std::vector<float> scales = Repeated(scaling.scale, extent.channels);
  const std::vector<float> shifts = Repeated(scaling.shift, extent.channels);
  const std::vector<float> slopes = Repeated(backward.slope, extent.channels);
  const std::vector<float> means = Repeated(backward.mean, extent.channels);
  const std::vector<float> offsets = Repeated(backward.offset, extent.channels);
  const float* __restrict scale = scales.data();
  const float* __restrict shift = shifts.data();
  const float* __restrict slope = slopes.data();
  const float* __restrict center = means.data();
  const float* __restrict offset = offsets.data();
  ForEach(
      extent, [=](int64_t i, int64_t j) __attribute__((always_inline)) {
        const float input = ToFloat(x[i]);
        float gradient = ToFloat(dy[i]);
        if (masked) gradient = input * scale[j] + shift[j] > 0 ? gradient : 0;
        Store(gradient * scale[j] + (input - center[j]) * slope[j] + offset[j], dx + i);
      });
}

template <typename T>
NACRE_INLINE void AnySums(const Gradient<T>& g, Extent extent, const Scaling& scaling,
                          const float* mean, double* sum, double* product) {
  if (g.passed) {
    Sums<Mask::kOutput>(g, extent, scaling, mean, sum, product);
  } else {
    scaling.relu ? Sums<Mask::kInput>(g, extent, scaling, mean, sum, product)
                 : Sums<Mask::kNone>(g, extent, scaling, mean, sum, product);
  }
}

template <typename T>
NACRE_INLINE void AnyBackward(const Gradient<T>& g, Extent extent, const Scaling& scaling,
                              const BackwardScaling& backward, T* dx) {
  const bool masked = scaling.relu && !g.passed;
  const T* dy = g.passed ? g.passed : g.dy;
  masked ? Backward<true>(dy, g.x, extent, scaling, backward, dx)
         : Backward<false>(dy, g.x, extent, scaling, backward, dx);
}

}  // namespace

NACRE_VECTORIZED void AddMoments(const float* x, Extent extent, const float* origin, double* sum,
                                 double* squares) {
  Moments(x, extent, origin, sum, squares);
}
NACRE_VECTORIZED void AddMoments(const Bf16Bits* x, Extent extent, const float* origin, double* sum,
                                 double* squares) {
  Moments(x, extent, origin, sum, squares);
}
NACRE_VECTORIZED void Normalize(const float* x, const float* residual, Extent extent,
                                const Scaling& scaling, float* y) {
  AnyForward(x, residual, extent, scaling, y);
}
NACRE_VECTORIZED void Normalize(const Bf16Bits* x, const Bf16Bits* residual, Extent extent,
                                const Scaling& scaling, Bf16Bits* y) {
  AnyForward(x, residual, extent, scaling, y);
}
NACRE_VECTORIZED void AddGradients(const Gradient<float>& gradient, Extent extent,
                                   const Scaling& scaling, const float* mean, double* sum,
                                   double* product) {
  AnySums(gradient, extent, scaling, mean, sum, product);
}
NACRE_VECTORIZED void AddGradients(const Gradient<Bf16Bits>& gradient, Extent extent,
                                   const Scaling& scaling, const float* mean, double* sum,
                                   double* product) {
  AnySums(gradient, extent, scaling, mean, sum, product);
}
NACRE_VECTORIZED void Backpropagate(const Gradient<float>& gradient, Extent extent,
                                    const Scaling& scaling, const BackwardScaling& backward,
                                    float* dx) {
  AnyBackward(gradient, extent, scaling, backward, dx);
}
NACRE_VECTORIZED void Backpropagate(const Gradient<Bf16Bits>& gradient, Extent extent,
                                    const Scaling& scaling, const BackwardScaling& backward,
                                    Bf16Bits* dx) {
  AnyBackward(gradient, extent, scaling, backward, dx);
}

}  // namespace nacre::train_internal
