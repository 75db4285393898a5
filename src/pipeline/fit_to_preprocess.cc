#include "pipeline/fit_to_preprocess.h"

#include <fmt/format.h>

#include "graph/shapes.h"

namespace nacre {
namespace {

Expected<void> CheckInput(const Value& input) {
  if (input.shape.size() == 4 && input.type == DataType::kFloat) return {};
  return Fail(ErrorKind::kModel,
              fmt::format("input '{}' is {} {}; nacre feeds float images [N, C, H, W]", input.name,
                          DataTypeName(input.type), ToString(input.shape)));
}

Expected<void> CheckSize(const Value& input, const Preprocess& preprocess) {
  if (preprocess.height < 1 || preprocess.width < 1) {
    return Fail(ErrorKind::kUsage, "the model's input size is dynamic: state data.preprocess.size");
  }
  const auto fits = [](int64_t model, int64_t data) { return model == kDynamic || model == data; };
  const int64_t channels = preprocess.channels();
  if (fits(input.shape[1], channels) && fits(input.shape[2], preprocess.height) &&
      fits(input.shape[3], preprocess.width)) {
    return {};
  }
  return Fail(ErrorKind::kModel,
              fmt::format("input '{}' is {}, but the preprocessing makes [N,{},{},{}]: correct "
                          "data.preprocess.size or color",
                          input.name, ToString(input.shape), channels, preprocess.height,
                          preprocess.width));
}

}  // namespace

Expected<int64_t> FitToPreprocess(const Network& network, Preprocess& preprocess) {
  if (network.inputs.size() != 1 || network.outputs.size() != 1) {
    return Fail(ErrorKind::kModel,
                fmt::format("the model has {} inputs and {} outputs; a classifier has one of each",
                            network.inputs.size(), network.outputs.size()));
  }
  const Value& input = network.inputs[0];
  NACRE_CHECK_OK(CheckInput(input));
  if (preprocess.height == 0) preprocess.height = input.shape[2];
  if (preprocess.width == 0) preprocess.width = input.shape[3];
  NACRE_CHECK_OK(CheckSize(input, preprocess));
  NACRE_TRY(const auto shapes, InferShapes(network, 1));
  const auto output = shapes.find(network.outputs[0].name);
  if (output == shapes.end() || output->second.shape.size() != 2) {
    return Fail(ErrorKind::kModel,
                fmt::format("output '{}' is not [N, classes] logits", network.outputs[0].name));
  }
  return output->second.shape[1];
}

}  // namespace nacre
