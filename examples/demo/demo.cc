#include "examples/demo/demo.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/progress.h"
#include "config/config.h"
#include "data/image_folder.h"
#include "examples/demo/render.h"
#include "graph/builder.h"
#include "onnx/onnx.h"
#include "store/run.h"
#include "store/write_file.h"
#include "target/target.h"
#include "task/accuracy.h"
#include "train/predict.h"
#include "train/train.h"

namespace nacre {
namespace {

Preprocess DemoPreprocess() {
  return {.height = 32, .width = 32, .mean = {0.5, 0.5, 0.5}, .std = {0.25, 0.25, 0.25}};
}

Expected<Network> TrainDemo(const ImageSet& images, const DemoOptions& options) {
  const auto progress = MakeTerminalProgress(SteadyClock());
  progress->Stage("training the demo's network");
  TrainOptions train{.epochs = options.epochs};
  const MachineInfo here = InspectMachine();
  train.compute.threads = here.cores;
  train.compute.bf16 = here.HasBf16();
  train.progress = [&](const TrainProgress& at) {
    progress->Update(static_cast<double>(at.step) / std::max<int64_t>(1, at.steps),
                     fmt::format("loss {:.3f}, {:.0f} images/s", at.loss, at.images_per_second));
    return true;
  };
  const Network fresh = CifarResNet(options.blocks_per_stage, images.preprocess.height,
                                    static_cast<int64_t>(images.classes.size()), 1);
  NACRE_TRY(TrainResult result, Train(fresh, images, nullptr, train));
  return std::move(result.network);
}

}  // namespace

Network CifarResNet(int blocks_per_stage, int64_t size, int64_t classes, uint64_t seed) {
  NetworkBuilder b("resnet", "image", {kDynamic, 3, size, size}, Random(seed));
  std::string x = b.ConvBn("image", {.out = 16});
  for (int stage = 0; stage < 3; ++stage) {
    const int64_t width = int64_t{16} << stage;
    for (int block = 0; block < blocks_per_stage; ++block) {
      const int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      const std::string inner = b.ConvBn(x, {.out = width, .stride = stride});
      const std::string outer = b.ConvBn(inner, {.out = width}, "");
      if (stride == 2) x = b.ConvBn(x, {.out = width, .kernel = 1, .stride = 2}, "");
      x = b.Activation(b.Add(outer, x), "Relu");
    }
  }
  x = b.Linear(b.Flatten(b.GlobalAveragePool(x)), classes);
  return std::move(b).Finish(x, "logits");
}

Expected<void> MakeDemo(const std::filesystem::path& folder, const DemoOptions& options) {
  const RenderOptions render{.train_per_class = options.train_per_class,
                             .test_per_class = options.train_per_class / 4};
  if (!std::filesystem::exists(folder / "data" / "test")) {
    Info("rendering images");
    NACRE_CHECK_OK(RenderShapes(folder / "data", render));
  }
  RunConfig config;
  config.preprocess = DemoPreprocess();
  if (!std::filesystem::exists(folder / "model.onnx")) {
    LoadReport report;
    NACRE_TRY(const ImageSet all, LoadImageFolder(folder / "data" / "train",
                                                  {.preprocess = config.preprocess}, &report));
    const Split split = SplitByClass(all, 0.1, 0);
    NACRE_TRY(Network network, TrainDemo(split.train, options));
    NACRE_TRY(const Tensor logits, Predict(network, split.validation));
    const Accuracy top1 = TopOne(logits, split.validation.labels);
    network.metadata["nacre.validation_accuracy"] = fmt::format("{:.4f}", top1.value);
    NACRE_CHECK_OK(WriteOnnx(network, folder / "model.onnx"));
    Info(fmt::format("trained: {:.2f} % on {} held-out images", 100 * top1.value, top1.images));
  }
  config.model = "model.onnx";
  config.train = "data/train";
  config.test = "data/test";
  config.run = "run";
  NACRE_TRY(config.budget, ParseDuration(options.budget));
  return WriteFileAtomically(folder / "run.toml", PrintConfig(config));
}

}  // namespace nacre
