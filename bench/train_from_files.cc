// Speed of training on images that are decoded from their files, beside the same images in memory:
// train_from_files NETWORK.onnx FOLDER SIDE [IMAGES] [ROUNDS]. Both are measured in turns.
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "bench/must.h"
#include "data/image_folder.h"
#include "onnx/onnx.h"
#include "target/target.h"
#include "train/train.h"
#include "train/trainable.h"

using namespace nacre;

namespace {

// `memory`: of decoded images that are kept.
ImageSet Load(const std::string& folder, int64_t side, int64_t images, Bytes memory) {
  LoadOptions options{.most_images = images, .most_memory = memory, .on_demand = true};
  options.preprocess.height = options.preprocess.width = side;
  return Must(LoadImageFolder(folder, options, nullptr));
}

double Speed(const Network& network, const ImageSet& images) {
  TrainOptions options{.epochs = 1, .batch = 32, .optimizer = {.learning_rate = 1e-4}};
  options.compute.threads = InspectMachine().cores;
  return Must(Train(network, images, nullptr, options)).images_per_second;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: {} NETWORK.onnx FOLDER SIDE [IMAGES] [ROUNDS]\n", argv[0]);
    return 2;
  }
  const int64_t side = std::atoll(argv[3]), images = argc > 4 ? std::atoll(argv[4]) : 512;
  const int rounds = argc > 5 ? std::atoi(argv[5]) : 3;
  const int64_t bytes = 3 * side * side;
  const ImageSet files = Load(argv[2], side, images, Bytes{64 * bytes});
  const ImageSet memory = Load(argv[2], side, images, Bytes{images * bytes});
  const Network network = Must(MakeTrainable(Must(ReadOnnx(argv[1])), memory.Subset({0, 1, 2, 3})));
  Speed(network, memory);  // warms up allocator and kernels
  for (int round = 0; round < rounds; ++round) {
    const double from_memory = Speed(network, memory), from_files = Speed(network, files);
    fmt::print("{:.1f} images/s from memory, {:.1f} from files: {:.3f}\n", from_memory, from_files,
               from_files / from_memory);
  }
}
