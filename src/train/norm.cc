#include "train/norm.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "train/norm_loops.h"

namespace nacre {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kElementsPerThread = 32768;  // at least

template <typename T>
const T* Elements(const Tensor& tensor) {
  return tensor.defined() ? static_cast<const T*>(tensor.const_data_ptr()) : nullptr;
}
template <typename T>
T* Writable(const Tensor& tensor) {
  return tensor.defined() ? static_cast<T*>(tensor.mutable_data_ptr()) : nullptr;
}
const float* Floats(const Tensor& tensor) { return tensor.const_data_ptr<float>(); }

Extent ExtentOf(const Tensor& x) { return {x.numel() / x.size(1), x.size(1)}; }

// body(T{}) with the type of the loops.
template <typename F>
void WithType(const Tensor& x, F body) {
  if (x.scalar_type() == at::kBFloat16) {
    body(Bf16Bits{});
  } else {
    body(float{});
  }
}

// body(first element, rows) over all rows, shared out among torch's threads.
template <typename F>
void OverRows(Extent extent, F body) {
  const int64_t least = std::max<int64_t>(1, kElementsPerThread / extent.channels);
  at::parallel_for(0, extent.rows, least, [&](int64_t begin, int64_t end) {
    body(begin * extent.channels, Extent{end - begin, extent.channels});
  });
}

// Two sums a channel, [2, channels] of doubles: add(first element, rows, sums, other sums).
template <typename F>
Tensor SumsOverRows(Extent extent, F add) {
  const Tensor parts = at::zeros({at::get_num_threads(), 2, extent.channels}, at::kDouble);
  OverRows(extent, [&](int64_t first, Extent rows) {
    double* own = parts.mutable_data_ptr<double>() + at::get_thread_num() * 2 * extent.channels;
    add(first, rows, own, own + extent.channels);
  });
  return parts.sum(0);
}

struct BatchStatistics {
  Tensor mean, variance;  // doubles; the variance is the biased one
};

BatchStatistics StatisticsOf(const Tensor& x) {
  const Extent extent = ExtentOf(x);
  const Tensor origin =
      x.select(3, 0).select(2, 0).select(0, 0).to(at::kFloat).contiguous();  // anything near the
                                                                             // mean: keeps digits
  Tensor sums;
  WithType(x, [&](auto type) {
    using T = decltype(type);
    sums = SumsOverRows(extent, [&](int64_t first, Extent rows, double* sum, double* squares) {
      AddMoments(Elements<T>(x) + first, rows, Floats(origin), sum, squares);
    });
  });
  const Tensor means = sums.div_(static_cast<double>(extent.rows));
  const Tensor variance = means[1].sub(means[0].square()).clamp_min_(0);
  return {means[0].add(origin), variance};
}

class NormFunction : public torch::autograd::Function<NormFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& scale,
                        const Tensor& bias, const std::optional<Tensor>& added, const Norm& norm) {
    const Tensor residual = added.value_or(Tensor());
    const Extent extent = ExtentOf(x);
    const BatchStatistics batch = StatisticsOf(x);
    const double unbiased = static_cast<double>(extent.rows) / static_cast<double>(extent.rows - 1);
    norm.mean.lerp_(batch.mean.to(at::kFloat), norm.momentum);
    norm.variance.lerp_(batch.variance.mul(unbiased).to(at::kFloat), norm.momentum);
    const Tensor inverse = batch.variance.add(norm.epsilon).rsqrt_();
    const Tensor factor = inverse.mul(scale).to(at::kFloat);
    const Tensor shift =
        bias.to(at::kDouble).sub(batch.mean.mul(inverse).mul(scale)).to(at::kFloat);
    const Tensor y = at::empty_like(x);
    const Scaling scaling{Floats(factor), Floats(shift), norm.relu};
    WithType(x, [&](auto type) {
      using T = decltype(type);
      const T *from = Elements<T>(x), *other = Elements<T>(residual);
      T* to = Writable<T>(y);
      OverRows(extent, [&](int64_t first, Extent rows) {
        Normalize(from + first, other ? other + first : nullptr, rows, scaling, to + first);
      });
    });
    variable_list saved = {x, factor, shift, batch.mean.to(at::kFloat), inverse.to(at::kFloat)};
    if (norm.relu && residual.defined()) saved.push_back(y);
    context->save_for_backward(std::move(saved));
    context->saved_data["relu"] = norm.relu;
    context->saved_data["residual"] = residual.defined();
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &factor = saved[1], &shift = saved[2], &mean = saved[3],
                 &inverse = saved[4];
    const Tensor y = saved.size() > 5 ? saved[5] : Tensor();
    const Tensor dy = gradients[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    const Tensor passed = y.defined() ? at::empty_like(x) : Tensor(), dx = at::empty_like(x);
    const Extent extent = ExtentOf(x);
    const Scaling scaling{Floats(factor), Floats(shift), context->saved_data["relu"].toBool()};
    Tensor sums;
    WithType(x, [&](auto type) {
      using T = decltype(type);
      const Gradient<T> all{Elements<T>(dy), Elements<T>(x), Elements<T>(y), Writable<T>(passed)};
      const auto from = [&](int64_t first) {
        return Gradient<T>{all.dy + first, all.x + first, all.y ? all.y + first : nullptr,
                           all.passed ? all.passed + first : nullptr};
      };
      sums = SumsOverRows(extent, [&](int64_t first, Extent rows, double* sum, double* product) {
        AddGradients(from(first), rows, scaling, Floats(mean), sum, product);
      });
      const Tensor share = sums.div(static_cast<double>(extent.rows));
      const Tensor slope = share[1].mul(inverse.square()).mul(factor).neg().to(at::kFloat);
      const Tensor offset = share[0].mul(factor).neg().to(at::kFloat);
      const BackwardScaling back{Floats(slope), Floats(mean), Floats(offset)};
      T* to = Writable<T>(dx);
      OverRows(extent, [&](int64_t first, Extent rows) {
        Backpropagate(from(first), rows, scaling, back, to + first);
      });
    });
    const Tensor scale_gradient = sums[1].mul(inverse).to(at::kFloat),
                 bias_gradient = sums[0].to(at::kFloat);
    const bool residual = context->saved_data["residual"].toBool();
    return {dx, scale_gradient, bias_gradient,
            residual ? (passed.defined() ? passed : dy) : Tensor(), Tensor()};
  }
};

bool Fits(const Norm& norm, const Tensor& x, const Tensor& residual) {
  const auto plain = [](const Tensor& t) {
    return t.dim() == 4 && t.is_contiguous(at::MemoryFormat::ChannelsLast);
  };
  const bool type = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
  const bool other = !residual.defined() || (plain(residual) && residual.sizes() == x.sizes() &&
                                             residual.scalar_type() == x.scalar_type());
  return norm.training && type && plain(x) && other && x.numel() / x.size(1) > 1;
}

}  // namespace

Tensor Normalized(const Norm& norm, const Tensor& x, const Tensor& residual) {
  if (Fits(norm, x, residual)) {
    return NormFunction::apply(x, norm.scale, norm.bias,
                               residual.defined() ? std::optional(residual) : std::nullopt, norm);
  }
  Tensor y = at::batch_norm(x, norm.scale, norm.bias, norm.mean, norm.variance, norm.training,
                            norm.momentum, norm.epsilon, false);
  if (residual.defined())
    y = y.sizes() == residual.sizes() && y.dtype() == residual.dtype() ? y.add_(residual)
                                                                       : at::add(y, residual);
  return norm.relu ? at::relu_(y) : y;
}

}  // namespace nacre
