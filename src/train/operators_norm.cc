#include <ATen/ATen.h>

#include "train/operators.h"

namespace nacre::train_internal {
namespace {

// Keeps quotients and the gradients of roots finite where all elements are zero, or the same.
constexpr double kTiny = 1e-30;

Expected<Apply> LowerInstanceNorm(const NodeView& view) {
  const double epsilon = view.node.Float("epsilon", 1e-5f);
  const int x = view.In(0), scale = view.In(1), bias = view.In(2), y = view.out[0];
  return [=](Frame& frame) {
    frame.values[y] = at::instance_norm(AsFloat(frame.values[x]), frame.values[scale],
                                        frame.values[bias], {}, {}, true, 0, epsilon, false);
  };
}

// The further outputs are mean and inverse deviation.
Expected<Apply> LowerLayerNorm(const NodeView& view) {
  const double epsilon = view.node.Float("epsilon", 1e-5f);
  const int64_t axis = view.node.Int("axis", -1);
  const int x = view.In(0), scale = view.In(1), bias = view.In(2);
  const std::vector<int> out = view.out;
  return [=](Frame& frame) {
    const at::Tensor input = AsFloat(frame.values[x]);
    const at::IntArrayRef shape = input.sizes().slice(Wrap(axis, input.dim()));
    // Scales that are broadcast are not what torch takes.
    const auto spread = [&](int slot) {
      return slot < 0 ? std::nullopt : std::optional(frame.values[slot].expand(shape).contiguous());
    };
    const auto [normal, mean, inverse] =
        at::native_layer_norm(input, shape, spread(scale), spread(bias), epsilon);
    frame.values[out[0]] = normal;
    if (out.size() > 1 && out[1] >= 0) frame.values[out[1]] = mean;
    if (out.size() > 2 && out[2] >= 0) frame.values[out[2]] = inverse;
  };
}

// Each element is divided by a power of the squares in a window over the channels.
Expected<Apply> LowerLrn(const NodeView& view) {
  const double alpha = view.node.Float("alpha", 1e-4f);
  const double beta = view.node.Float("beta", 0.75f);
  const double bias = view.node.Float("bias", 1);
  const int64_t size = view.node.Int("size", 1);
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor input = AsFloat(frame.values[x]);
    const int64_t front = (size - 1) / 2;
    at::Tensor squares = input.square().reshape({input.size(0), 1, input.size(1), -1});
    squares = at::constant_pad_nd(squares, {0, 0, front, size - 1 - front});
    const at::Tensor means = at::avg_pool2d(squares, {size, 1}, {1, 1}).reshape(input.sizes());
    frame.values[y] = input / (means * alpha + bias).pow(beta);
  };
}

Expected<Apply> LowerMeanVariance(const NodeView& view) {
  const std::vector<int64_t> axes = view.node.Ints("axes", {0, 2, 3});
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor input = AsFloat(frame.values[x]);
    const at::Tensor centred = input - input.mean(axes, true);
    const at::Tensor variance = centred.square().mean(axes, true);
    frame.values[y] = centred / (variance.clamp_min(kTiny).sqrt() + 1e-9);
  };
}

Expected<Apply> LowerLpNorm(const NodeView& view) {
  const int64_t axis = view.node.Int("axis", -1);
  const bool absolute = view.node.Int("p", 2) == 1;
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor input = AsFloat(frame.values[x]);
    at::Tensor norm = absolute ? input.abs().sum(axis, true) : input.square().sum(axis, true);
    norm = norm.clamp_min(kTiny);
    if (!absolute) norm = norm.sqrt();
    frame.values[y] = input / norm;
  };
}

}  // namespace

Lowerings NormOperators() {
  return {{"InstanceNormalization", LowerInstanceNorm},
          {"LayerNormalization", LowerLayerNorm},
          {"LRN", LowerLrn},
          {"MeanVarianceNormalization", LowerMeanVariance},
          {"LpNormalization", LowerLpNorm}};
}

}  // namespace nacre::train_internal
