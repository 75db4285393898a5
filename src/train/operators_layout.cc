#include <ATen/ATen.h>

#include <algorithm>

#include "train/operators.h"

namespace nacre::train_internal {
namespace {

Expected<Apply> LowerIdentity(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = frame.values[x]; };
}

// Nothing is dropped, so that the mask is true everywhere.
Expected<Apply> LowerDropout(const NodeView& view) {
  const int x = view.In(0), y = view.out[0], mask = view.out.size() > 1 ? view.out[1] : -1;
  return [=](Frame& frame) {
    frame.values[y] = frame.values[x];
    if (mask >= 0) frame.values[mask] = at::ones_like(frame.values[x], at::kBool);
  };
}

Expected<Apply> LowerFlatten(const NodeView& view) {
  const int64_t axis = view.node.Int("axis", 1);
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    int64_t rows = 1;
    for (int64_t i = 0; i < Wrap(axis, input.dim()); ++i) rows *= input.size(i);
    frame.values[y] = at::reshape(input, {rows, rows == 0 ? 0 : input.numel() / rows});
  };
}

Expected<Apply> LowerReshape(const NodeView& view) {
  const bool allow_zero = view.node.Int("allowzero", 0) != 0;
  const int x = view.In(0), target = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    std::vector<int64_t> shape = Integers(frame.values[target]);
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 0 && !allow_zero) shape[i] = input.size(i);
    }
    frame.values[y] = at::reshape(input, shape);
  };
}

Expected<Apply> LowerTranspose(const NodeView& view) {
  const std::vector<int64_t> order = view.node.Ints("perm");
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    std::vector<int64_t> permutation = order;
    if (permutation.empty()) {
      for (int64_t i = frame.values[x].dim(); i-- > 0;) permutation.push_back(i);
    }
    frame.values[y] = frame.values[x].permute(permutation);
  };
}

Expected<Apply> LowerSqueeze(const NodeView& view) {
  const std::vector<int64_t> attribute = view.node.Ints("axes");
  const int x = view.In(0), given = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    const std::vector<int64_t> axes = IntegersOr(frame, given, attribute);
    frame.values[y] =
        axes.empty() ? at::squeeze(frame.values[x]) : at::squeeze(frame.values[x], axes);
  };
}

Expected<Apply> LowerUnsqueeze(const NodeView& view) {
  const std::vector<int64_t> attribute = view.node.Ints("axes");
  const int x = view.In(0), given = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    at::Tensor result = frame.values[x];
    std::vector<int64_t> axes = IntegersOr(frame, given, attribute);
    const int64_t rank = result.dim() + static_cast<int64_t>(axes.size());
    for (int64_t& axis : axes) axis = Wrap(axis, rank);
    std::sort(axes.begin(), axes.end());
    for (int64_t axis : axes) result = at::unsqueeze(result, axis);
    frame.values[y] = result;
  };
}

using Sizes = std::vector<int64_t>;

// Channels [block, block, depth] (DCR) or [depth, block, block] (CRD) move into the image.
Expected<Apply> LowerDepthToSpace(const NodeView& view) {
  const int64_t block = view.node.Int("blocksize", 1);
  const bool depth_first = view.node.String("mode", "DCR") == "CRD";
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const int64_t batch = input.size(0), height = input.size(2), width = input.size(3);
    const int64_t depth = input.size(1) / (block * block);
    const Sizes cut = depth_first ? Sizes{batch, depth, block, block, height, width}
                                  : Sizes{batch, block, block, depth, height, width};
    const Sizes order = depth_first ? Sizes{0, 1, 4, 2, 5, 3} : Sizes{0, 3, 4, 1, 5, 2};
    frame.values[y] =
        input.reshape(cut).permute(order).reshape({batch, depth, height * block, width * block});
  };
}

Expected<Apply> LowerSpaceToDepth(const NodeView& view) {
  const int64_t block = view.node.Int("blocksize", 1);
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const int64_t batch = input.size(0), depth = input.size(1);
    const int64_t height = input.size(2) / block, width = input.size(3) / block;
    frame.values[y] = input.reshape({batch, depth, height, block, width, block})
                          .permute({0, 3, 5, 1, 2, 4})
                          .reshape({batch, depth * block * block, height, width});
  };
}

}  // namespace

Lowerings LayoutOperators() {
  return {{"Identity", LowerIdentity},        {"Dropout", LowerDropout},
          {"Flatten", LowerFlatten},          {"Reshape", LowerReshape},
          {"Transpose", LowerTranspose},      {"Squeeze", LowerSqueeze},
          {"Unsqueeze", LowerUnsqueeze},      {"DepthToSpace", LowerDepthToSpace},
          {"SpaceToDepth", LowerSpaceToDepth}};
}

}  // namespace nacre::train_internal
