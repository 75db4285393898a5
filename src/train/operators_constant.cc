#include <ATen/ATen.h>

#include <limits>

#include "train/convert.h"
#include "train/operators.h"

namespace nacre::train_internal {
namespace {

Expected<Apply> LowerShape(const NodeView& view) {
  const int64_t start = view.node.Int("start", 0);
  const int64_t end = view.node.Int("end", std::numeric_limits<int64_t>::max());
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const auto sizes = frame.values[x].sizes();
    frame.values[y] = SliceAxis(at::tensor(sizes, at::kLong), 0, start, end, 1);
  };
}

Expected<Apply> LowerConstantOfShape(const NodeView& view) {
  at::Tensor value = at::zeros({1});
  if (auto found = view.node.attributes.find("value"); found != view.node.attributes.end()) {
    value = ToTorch(std::get<Tensor>(found->second)).reshape({1});
  }
  const int shape = view.In(0), y = view.out[0];
  return
      [=](Frame& frame) { frame.values[y] = value.expand(Integers(frame.values[shape])).clone(); };
}

Expected<Apply> LowerSize(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    frame.values[y] = at::scalar_tensor(frame.values[x].numel(), at::kLong);
  };
}

// What a Constant holds, whichever way it is written.
std::optional<Tensor> Held(const Node& node) {
  for (const auto& [key, attribute] : node.attributes) {
    if (const auto* tensor = std::get_if<Tensor>(&attribute)) return *tensor;
    if (const auto* number = std::get_if<float>(&attribute)) return Tensor::Scalar(*number);
    if (const auto* number = std::get_if<int64_t>(&attribute)) return Tensor::Ints({}, {*number});
    if (const auto* list = std::get_if<std::vector<float>>(&attribute)) {
      return Tensor::Floats({static_cast<int64_t>(list->size())}, *list);
    }
    if (const auto* list = std::get_if<std::vector<int64_t>>(&attribute)) {
      return Tensor::Ints({static_cast<int64_t>(list->size())}, *list);
    }
  }
  return std::nullopt;
}

Expected<Apply> LowerConstant(const NodeView& view) {
  const auto held = Held(view.node);
  if (!held) return Fail(ErrorKind::kModel, "a constant that holds no numbers cannot be trained");
  const at::Tensor value = ToTorch(*held);
  const int y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = value; };
}

Expected<Apply> LowerRange(const NodeView& view) {
  const int start = view.In(0), limit = view.In(1), step = view.In(2), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& from = frame.values[start];
    frame.values[y] = at::arange(from.item(), frame.values[limit].item(), frame.values[step].item(),
                                 from.options());
  };
}

Expected<Apply> LowerCast(const NodeView& view) {
  const at::ScalarType type = TorchType(static_cast<DataType>(view.node.Int("to", 1)));
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = frame.values[x].to(type); };
}

Expected<Apply> LowerCastLike(const NodeView& view) {
  const int x = view.In(0), like = view.In(1), y = view.out[0];
  return
      [=](Frame& frame) { frame.values[y] = frame.values[x].to(frame.values[like].scalar_type()); };
}

}  // namespace

Lowerings ConstantOperators() {
  return {{"Shape", LowerShape},       {"Size", LowerSize},
          {"Constant", LowerConstant}, {"ConstantOfShape", LowerConstantOfShape},
          {"Range", LowerRange},       {"Cast", LowerCast},
          {"CastLike", LowerCastLike}};
}

}  // namespace nacre::train_internal
