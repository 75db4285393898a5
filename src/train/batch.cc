#include "train/batch.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <numeric>

namespace nacre {
namespace {

template <typename PlaceOf>
at::Tensor Fill(const Normalizer& pixels, std::span<const int64_t> images, int64_t cutout,
                PlaceOf place) {
  const int64_t count = static_cast<int64_t>(images.size());
  at::Tensor batch =
      at::empty({count, pixels.channels(), pixels.height(), pixels.width()},
                at::TensorOptions().dtype(at::kFloat), at::MemoryFormat::ChannelsLast);
  float* data = batch.data_ptr<float>();
  const int64_t size = pixels.channels() * pixels.height() * pixels.width();
  at::parallel_for(0, count, std::max<int64_t>(1, 32768 / std::max<int64_t>(1, size)),
                   [&](int64_t begin, int64_t end) {
                     std::vector<float> blended(static_cast<size_t>(size));
                     for (int64_t i = begin; i < end; ++i) {
                       const Placement placement = place(i);
                       float* out = data + i * size;
                       pixels.Write(images[i], placement, cutout, out);
                       if (placement.weight == 0) continue;
                       const auto other = static_cast<int64_t>(
                           placement.other % static_cast<uint64_t>(pixels.count()));
                       pixels.Write(other, placement, cutout, blended.data());
                       for (int64_t k = 0; k < size; ++k)
                         out[k] += placement.weight * (blended[k] - out[k]);
                     }
                   });
  return batch;
}

}  // namespace

at::Tensor PlainBatch(const Normalizer& pixels, std::span<const int64_t> images) {
  return Fill(pixels, images, 0, [](int64_t) { return Placement{}; });
}

at::Tensor PlainBatch(const Normalizer& pixels, int64_t begin, int64_t end) {
  std::vector<int64_t> images(end - begin);
  std::iota(images.begin(), images.end(), begin);
  return PlainBatch(pixels, images);
}

at::Tensor AugmentedBatch(const Normalizer& pixels, std::span<const int64_t> images,
                          std::span<const int64_t> variants, const Augmentation& augmentation,
                          uint64_t seed) {
  return Fill(pixels, images, augmentation.cutout, [&](int64_t i) {
    return Place(augmentation, seed, images[i], variants[i], pixels.height(), pixels.width());
  });
}

}  // namespace nacre
