// How long it takes to list an ImageFolder, and the memory at the end: list_images FOLDER.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>

#include "data/image_folder.h"

using namespace nacre;

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: {} FOLDER\n", argv[0]);
    return 2;
  }
  LoadOptions options{.most_memory = {64 << 20}, .on_demand = true};
  options.preprocess.height = options.preprocess.width = 224;
  const auto begin = std::chrono::steady_clock::now();
  const auto set = LoadImageFolder(argv[1], options, nullptr);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (!set) {
    fmt::print(stderr, "{}\n", set.error().message);
    return 1;
  }
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{} images of {} classes: {:.1f} s, at most {} MiB\n", set->count(),
             set->classes.size(), took.count(), usage.ru_maxrss >> 10);
}
