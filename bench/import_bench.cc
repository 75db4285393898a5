// Import of ResNet-50 (25.6 M parameters, batch-norm not folded): the limit is 1 s.
#include <benchmark/benchmark.h>

#include <stdexcept>

#include "bench/bottleneck.h"
#include "graph/builder.h"
#include "onnx/onnx.h"

namespace nacre {
namespace {

Network ResNet50() {
  NetworkBuilder builder("resnet50", "image", {kDynamic, 3, 224, 224}, Random(1));
  std::string x = builder.ConvBn("image", {.out = 64, .kernel = 7, .stride = 2});
  x = builder.MaxPool(x, 3, 2, 1);
  const int64_t blocks[] = {3, 4, 6, 3};
  for (int stage = 0; stage < 4; ++stage) {
    for (int64_t i = 0; i < blocks[stage]; ++i) {
      x = Bottleneck(builder, x, int64_t{64} << stage, int64_t{256} << stage,
                     stage > 0 && i == 0 ? 2 : 1);
    }
  }
  x = builder.Linear(builder.Flatten(builder.GlobalAveragePool(x)), 1000);
  return std::move(builder).Finish(x, "logits");
}

void ImportResNet50(benchmark::State& state) {
  const std::string bytes = SerializeOnnx(ResNet50());
  for (auto _ : state) {
    const auto network = ParseOnnx(bytes, "resnet50");
    if (!network) throw std::runtime_error(network.error().message);
    benchmark::DoNotOptimize(network->nodes.size());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(ImportResNet50)->Unit(benchmark::kMillisecond);

void ExportResNet50(benchmark::State& state) {
  const Network network = ResNet50();
  for (auto _ : state) benchmark::DoNotOptimize(SerializeOnnx(network).size());
}
BENCHMARK(ExportResNet50)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nacre
