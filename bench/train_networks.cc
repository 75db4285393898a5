// Trains a CIFAR network of a type that quantizers find harder: train_networks vgg|mobilenetv2
// TRAIN OUT.onnx [EPOCHS] Narrow versions, for bench/quantize_vs_nncf.py; preprocessing is that of
// the CIFAR baselines. A tenth of TRAIN is held out.
#include <fmt/format.h>

#include <string>

#include "base/progress.h"
#include "data/image_folder.h"
#include "graph/builder.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "target/target.h"
#include "task/accuracy.h"
#include "train/predict.h"
#include "train/train.h"

using namespace nacre;

namespace {

// Simonyan and Zisserman, arXiv 1409.1556, with batch-norm: pairs of 3x3 convolutions between
// poolings.
Network Vgg(int64_t classes) {
  NetworkBuilder b("vgg", "image", {kDynamic, 3, 32, 32}, Random(1));
  std::string x = "image";
  for (const int64_t width : {24, 48, 96}) {
    x = b.ConvBn(b.ConvBn(x, {.out = width}), {.out = width});
    x = b.MaxPool(x, 2, 2);
  }
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool(x)), classes), "logits");
}

// Sandler et al., arXiv 1801.04381: inverted residuals with linear bottlenecks, expansion 4, few
// and narrow stages.
Network MobileNetV2(int64_t classes) {
  NetworkBuilder b("mobilenetv2", "image", {kDynamic, 3, 32, 32}, Random(1));
  std::string x = b.ConvBn("image", {.out = 16});
  for (const auto& [out, repeats, stride] :
       {std::tuple<int64_t, int, int64_t>{16, 1, 1}, {24, 2, 2}, {32, 2, 2}, {64, 2, 1}}) {
    for (int i = 0; i < repeats; ++i) {
      const int64_t in = b.Channels(x), wide = 4 * in, step = i == 0 ? stride : 1;
      std::string y = b.ConvBn(x, {.out = wide, .kernel = 1});
      y = b.ConvBn(y, {.out = wide, .stride = step, .groups = wide});
      y = b.ConvBn(y, {.out = out, .kernel = 1}, "");
      x = step == 1 && in == out ? b.Add(y, x) : y;
    }
  }
  x = b.ConvBn(x, {.out = 256, .kernel = 1});
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool(x)), classes), "logits");
}

int Fail(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "";
  if (argc < 4 || (kind != "vgg" && kind != "mobilenetv2")) {
    fmt::print(stderr, "usage: {} vgg|mobilenetv2 TRAIN OUT.onnx [EPOCHS]\n", argv[0]);
    return 2;
  }
  LoadReport report;
  LoadOptions loading;
  loading.preprocess.height = loading.preprocess.width = 32;
  loading.preprocess.mean = {0.485, 0.456, 0.406};
  loading.preprocess.std = {0.229, 0.224, 0.225};
  const auto all = LoadImageFolder(argv[2], loading, &report);
  if (!all) return Fail(all.error());
  const Split split = SplitByClass(*all, 0.1, 0);
  const auto classes = static_cast<int64_t>(all->classes.size());
  const auto progress = MakeTerminalProgress(SteadyClock());
  progress->Stage("training");
  TrainOptions options{.epochs = argc > 4 ? std::stod(argv[4]) : 10};
  options.compute.threads = InspectMachine().cores;
  options.compute.bf16 = InspectMachine().HasBf16();
  options.progress = [&](const TrainProgress& at) {
    progress->Update(static_cast<double>(at.step) / static_cast<double>(at.steps),
                     fmt::format("loss {:.3f}, {:.0f} images/s", at.loss, at.images_per_second));
    return true;
  };
  const auto trained =
      Train(kind == "vgg" ? Vgg(classes) : MobileNetV2(classes), split.train, nullptr, options);
  if (!trained) return Fail(trained.error());
  const auto logits = Predict(trained->network, split.validation);
  if (!logits) return Fail(logits.error());
  if (auto written = WriteOnnx(FoldBatchNorm(trained->network), argv[3]); !written)
    return Fail(written.error());
  fmt::print("{:.2f} % on {} held-out images, {}\n",
             100 * TopOne(*logits, split.validation.labels).value, split.validation.count(),
             argv[3]);
}
