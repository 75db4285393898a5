#include "train/batch.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <numeric>

namespace nacre::train_internal {
namespace {

constexpr int64_t kElementsPerThread = 32768;  // fewer are not worth a thread's start

// Adds the share of the other image that the transform blends in.
void Blend(const Normalizer& pixels, const ImageTransform& transform, int64_t cutout,
           std::vector<float>& other, float* image) {
  const auto count = static_cast<uint64_t>(pixels.count());
  pixels.Write(static_cast<int64_t>(transform.other % count), transform, cutout, other.data());
  for (size_t k = 0; k < other.size(); ++k) image[k] += transform.weight * (other[k] - image[k]);
}

// transform_of(k) is the transform of images[k].
template <typename F>
at::Tensor Fill(const Normalizer& pixels, std::span<const int64_t> images, int64_t cutout,
                F transform_of) {
  const auto count = static_cast<int64_t>(images.size());
  at::Tensor batch =
      at::empty({count, pixels.channels(), pixels.height(), pixels.width()},
                at::TensorOptions().dtype(at::kFloat), at::MemoryFormat::ChannelsLast);
  float* data = batch.data_ptr<float>();
  const int64_t size = pixels.channels() * pixels.height() * pixels.width();
  const int64_t least = std::max<int64_t>(1, kElementsPerThread / std::max<int64_t>(1, size));
  at::parallel_for(0, count, least, [&](int64_t begin, int64_t end) {
    std::vector<float> other(static_cast<size_t>(size));
    for (int64_t k = begin; k < end; ++k) {
      const ImageTransform transform = transform_of(k);
      pixels.Write(images[k], transform, cutout, data + k * size);
      if (transform.weight > 0) Blend(pixels, transform, cutout, other, data + k * size);
    }
  });
  return batch;
}

}  // namespace

at::Tensor PlainBatch(const Normalizer& pixels, std::span<const int64_t> images) {
  return Fill(pixels, images, 0, [](int64_t) { return ImageTransform{}; });
}

at::Tensor PlainBatch(const Normalizer& pixels, int64_t begin, int64_t end) {
  std::vector<int64_t> images(end - begin);
  std::iota(images.begin(), images.end(), begin);
  return PlainBatch(pixels, images);
}

at::Tensor AugmentedBatch(const Normalizer& pixels, std::span<const int64_t> images,
                          std::span<const int64_t> variants, const Augmentation& augmentation,
                          uint64_t seed) {
  return Fill(pixels, images, augmentation.cutout, [&](int64_t k) {
    return DrawTransform(augmentation, seed, images[k], variants[k], pixels.height(),
                         pixels.width());
  });
}

}  // namespace nacre::train_internal
