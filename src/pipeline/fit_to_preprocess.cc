#include "pipeline/fit_to_preprocess.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nacre {
namespace {

// Integers are pixels: 0 to 255, or -128 to 127.
void TakePixels(DataType type, Preprocess& preprocess) {
  const bool untouched =
      preprocess.scale == Preprocess{}.scale && preprocess.mean.empty() && preprocess.std.empty();
  if (!untouched || (type != DataType::kUint8 && type != DataType::kInt8)) return;
  preprocess.scale = 1;
  if (type == DataType::kInt8) {
    preprocess.mean.assign(static_cast<size_t>(preprocess.channels()), 128.0);
  }
}

Expected<void> CheckSize(const Value& input, const Preprocess& preprocess) {
  if (preprocess.height < 1 || preprocess.width < 1) {
    return Fail(ErrorKind::kUsage, "the model's input size is dynamic: state data.preprocess.size");
  }
  const auto fits = [](int64_t model, int64_t data) { return model == kDynamic || model == data; };
  const int64_t channels = preprocess.channels();
  if (!fits(input.shape[1], channels)) {
    const bool can_fit = input.shape[1] == 1 || input.shape[1] == 3;
    return Fail(can_fit ? ErrorKind::kData : ErrorKind::kModel,
                fmt::format("input '{}' takes images of {} channels, but color '{}' gives {}{}",
                            input.name, input.shape[1], ColorName(preprocess.color), channels,
                            can_fit ? ": correct data.preprocess.color (--color rgb, bgr or gray)"
                                    : "; images have one channel or three"));
  }
  if (fits(input.shape[2], preprocess.height) && fits(input.shape[3], preprocess.width)) {
    return {};
  }
  return Fail(ErrorKind::kModel,
              fmt::format("the images that input '{}' takes are {}, but the preprocessing makes "
                          "[N,{},{},{}]: correct data.preprocess.size",
                          input.name, ToString(input.shape), channels, preprocess.height,
                          preprocess.width));
}

}  // namespace

Expected<int64_t> FitToPreprocess(const Core& core, Preprocess& preprocess) {
  const Value& input = core.network.inputs[0];
  if (preprocess.height == 0) preprocess.height = input.shape[2];
  if (preprocess.width == 0) preprocess.width = input.shape[3];
  // Three channels are only the usual number: a network of grey images wants one.
  const bool said = preprocess.mean.size() > 1 || preprocess.std.size() > 1;
  if (input.shape[1] == 1 && !said) preprocess.color = ColorOrder::kGray;
  NACRE_CHECK_OK(CheckSize(input, preprocess));
  TakePixels(core.input.type, preprocess);
  return core.classes;
}

Expected<int64_t> FitClassifier(const Core& core, Preprocess& preprocess) {
  NACRE_TRY(const int64_t classes, FitToPreprocess(core, preprocess));
  if (classes > 0) return classes;
  return Fail(ErrorKind::kModel,
              fmt::format("no output classifies, as [N, classes] from operations that can be "
                          "trained{}{}",
                          core.notes.empty() ? "" : ": ", fmt::join(core.notes, "; ")));
}

}  // namespace nacre
