#include "train/norm.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "train/norm_loops.h"

namespace nacre::train_internal {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kElementsPerThread = 32768;  // fewer are not worth a thread's start

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

// Calls body(T{}) with the type of the loops.
template <typename F>
void WithType(const Tensor& x, F body) {
  if (x.scalar_type() == at::kBFloat16) {
    body(Bf16Bits{});
  } else {
    body(float{});
  }
}

// Calls body(first element, rows) over all rows, shared out among torch's threads.
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
  // Sums are of differences from the first pixel: anything near the mean keeps digits that the
  // square of a large mean would cost.
  const Tensor origin = x.select(3, 0).select(2, 0).select(0, 0).to(at::kFloat).contiguous();
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

void UpdateRunning(const Norm& norm, const BatchStatistics& batch, int64_t rows) {
  const double unbiased = static_cast<double>(rows) / static_cast<double>(rows - 1);
  norm.mean.lerp_(batch.mean.to(at::kFloat), norm.momentum);
  norm.variance.lerp_(batch.variance.mul(unbiased).to(at::kFloat), norm.momentum);
}

// y = scale x + shift (+ residual), then ReLU, as `scaling` says.
Tensor ScaledOutput(const Tensor& x, const Tensor& residual, const Scaling& scaling) {
  const Tensor y = at::empty_like(x);
  WithType(x, [&](auto type) {
    using T = decltype(type);
    const T* from = Elements<T>(x);
    const T* other = Elements<T>(residual);
    T* to = Writable<T>(y);
    OverRows(ExtentOf(x), [&](int64_t first, Extent rows) {
      Normalize(from + first, other ? other + first : nullptr, rows, scaling, to + first);
    });
  });
  return y;
}

// What the loops of the backward pass read; `passed` is written, unless it is undefined.
struct BackwardTensors {
  Tensor dy, x, y, passed;

  template <typename T>
  Gradient<T> Pointers() const {
    return {Elements<T>(dy), Elements<T>(x), Elements<T>(y), Writable<T>(passed)};
  }
};

// The same from element `first` on.
template <typename T>
Gradient<T> From(const Gradient<T>& all, int64_t first) {
  return {all.dy + first, all.x + first, all.y ? all.y + first : nullptr,
          all.passed ? all.passed + first : nullptr};
}

// Sums of the gradient that passes, and of it times x - mean: [2, channels] of doubles.
Tensor GradientSums(const BackwardTensors& tensors, const Scaling& scaling, const Tensor& mean) {
  Tensor sums;
  WithType(tensors.x, [&](auto type) {
    const auto all = tensors.Pointers<decltype(type)>();
    const auto add = [&](int64_t first, Extent rows, double* sum, double* product) {
      AddGradients(From(all, first), rows, scaling, Floats(mean), sum, product);
    };
    sums = SumsOverRows(ExtentOf(tensors.x), add);
  });
  return sums;
}

Tensor InputGradient(const BackwardTensors& tensors, const Scaling& scaling,
                     const BackwardScaling& backward) {
  const Tensor dx = at::empty_like(tensors.x);
  WithType(tensors.x, [&](auto type) {
    using T = decltype(type);
    const Gradient<T> all = tensors.Pointers<T>();
    T* to = Writable<T>(dx);
    OverRows(ExtentOf(tensors.x), [&](int64_t first, Extent rows) {
      Backpropagate(From(all, first), rows, scaling, backward, to + first);
    });
  });
  return dx;
}

class NormFunction : public torch::autograd::Function<NormFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& scale,
                        const Tensor& bias, const std::optional<Tensor>& added, const Norm& norm) {
    const Tensor residual = added.value_or(Tensor());
    const BatchStatistics batch = StatisticsOf(x);
    UpdateRunning(norm, batch, ExtentOf(x).rows);
    const Tensor inverse = batch.variance.add(norm.epsilon).rsqrt_();
    const Tensor factor = inverse.mul(scale).to(at::kFloat);
    const Tensor offset = batch.mean.mul(inverse).mul(scale);
    const Tensor shift = bias.to(at::kDouble).sub(offset).to(at::kFloat);
    const Tensor y = ScaledOutput(x, residual, {Floats(factor), Floats(shift), norm.relu});
    variable_list saved = {x, factor, shift, batch.mean.to(at::kFloat), inverse.to(at::kFloat)};
    // Behind an addition x alone does not tell where ReLU lets pass.
    if (norm.relu && residual.defined()) saved.push_back(y);
    context->save_for_backward(std::move(saved));
    context->saved_data["relu"] = norm.relu;
    context->saved_data["residual"] = residual.defined();
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &factor = saved[1], &shift = saved[2], &mean = saved[3];
    const Tensor& inverse = saved[4];
    const Tensor y = saved.size() > 5 ? saved[5] : Tensor();
    const BackwardTensors tensors{
        .dy = gradients[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast),
        .x = x,
        .y = y,
        .passed = y.defined() ? at::empty_like(x) : Tensor()};
    const Scaling scaling{Floats(factor), Floats(shift), context->saved_data["relu"].toBool()};
    const Tensor sums = GradientSums(tensors, scaling, mean);
    const Tensor share = sums.div(static_cast<double>(ExtentOf(x).rows));
    const Tensor slope = share[1].mul(inverse.square()).mul(factor).neg().to(at::kFloat);
    const Tensor offset = share[0].mul(factor).neg().to(at::kFloat);
    const Tensor dx =
        InputGradient(tensors, scaling, {Floats(slope), Floats(mean), Floats(offset)});
    const Tensor of_scale = sums[1].mul(inverse).to(at::kFloat);
    const Tensor of_bias = sums[0].to(at::kFloat);
    Tensor of_residual;
    if (context->saved_data["residual"].toBool())
      of_residual = y.defined() ? tensors.passed : tensors.dy;
    return {dx, of_scale, of_bias, of_residual, Tensor()};
  }
};

bool IsChannelsLast(const Tensor& tensor) {
  return tensor.dim() == 4 && tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
}

// The loops read and write plain memory: a tensor of another device must not reach them.
bool FitsLoops(const Tensor& tensor) {
  const bool is_float = tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kBFloat16;
  return is_float && tensor.device().is_cpu() && IsChannelsLast(tensor);
}

bool AreAlike(const Tensor& a, const Tensor& b) {
  return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type();
}

}  // namespace

bool RunsInOnePass(const Norm& norm, const Tensor& x, const Tensor& residual) {
  if (!norm.training || !FitsLoops(x)) return false;
  if (residual.defined() && !(FitsLoops(residual) && AreAlike(residual, x))) return false;
  return ExtentOf(x).rows > 1;  // the unbiased variance needs two
}

Tensor Normalized(const Norm& norm, const Tensor& x, const Tensor& residual) {
  if (RunsInOnePass(norm, x, residual)) {
    return NormFunction::apply(x, norm.scale, norm.bias,
                               residual.defined() ? std::optional(residual) : std::nullopt, norm);
  }
  Tensor y = at::batch_norm(x, norm.scale, norm.bias, norm.mean, norm.variance, norm.training,
                            norm.momentum, norm.epsilon, false);
  if (residual.defined()) y = AreAlike(y, residual) ? y.add_(residual) : at::add(y, residual);
  return norm.relu ? at::relu_(y) : y;
}

}  // namespace nacre::train_internal
