// Images per second of nacre's training on a CIFAR-sized ResNet-20: train_throughput [steps]
// [batch] [threads] [bf16]. bench/train_bench.py runs it side by side with PyTorch.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "graph/builder.h"
#include "train/train.h"

using namespace nacre;

namespace {

Network ResNet20() {
  NetworkBuilder builder("resnet20", "image", {kDynamic, 3, 32, 32}, Random(1));
  std::string x = builder.ConvBn("image", {.out = 16});
  for (const int64_t width : {16, 32, 64}) {
    for (int block = 0; block < 3; ++block) {
      const int64_t stride = width > 16 && block == 0 ? 2 : 1;
      const std::string inner = builder.ConvBn(x, {.out = width, .stride = stride});
      const std::string branch =
          builder.BatchNorm(builder.Conv(inner, {.out = width, .bias = false}));
      if (stride > 1)
        x = builder.BatchNorm(
            builder.Conv(x, {.out = width, .kernel = 1, .stride = 2, .bias = false}));
      x = builder.Activation(builder.Add(branch, x), "Relu");
    }
  }
  const std::string logits = builder.Linear(builder.Flatten(builder.GlobalAveragePool(x)), 10);
  return std::move(builder).Finish(logits, "logits");
}

ImageSet Noise(int64_t count) {
  ImageSet set;
  set.preprocess = {.height = 32, .width = 32, .mean = {0.5, 0.5, 0.5}, .std = {0.25, 0.25, 0.25}};
  Random random(2);
  std::vector<uint8_t> pixels;
  for (int64_t i = 0; i < count * set.image_bytes(); ++i)
    pixels.push_back(static_cast<uint8_t>(random.Below(256)));
  for (int64_t i = 0; i < count; ++i) set.labels.push_back(static_cast<int>(random.Below(10)));
  set.classes.resize(10);
  set.source = InMemory(std::move(pixels), set.image_bytes());
  return set;
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t steps = argc > 1 ? std::atoll(argv[1]) : 20;
  const int64_t batch = argc > 2 ? std::atoll(argv[2]) : 128;
  TrainOptions options{.batch = batch, .optimizer = {.learning_rate = 0.01}};
  options.compute.threads = argc > 3 ? std::atoi(argv[3]) : 2;
  options.compute.bf16 = argc > 4 && std::string(argv[4]) == "bf16";
  const ImageSet images = Noise(4 * batch);
  const Network network = ResNet20();
  options.epochs = 0.75;  // warms up allocator and kernels
  const auto warm = Train(network, images, nullptr, options);
  options.epochs = static_cast<double>(steps) / 4;
  const auto result = Train(network, images, nullptr, options);
  if (!warm || !result) {
    std::fprintf(stderr, "%s\n", (warm ? result.error() : warm.error()).message.c_str());
    return 1;
  }
  std::printf("%.1f\n", result->images_per_second);
}
