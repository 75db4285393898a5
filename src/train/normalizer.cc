#include "train/normalizer.h"

#include <algorithm>

#include "train/guarded.h"

namespace nacre::train_internal {
namespace {

// Index of the pixel that a reflection at the edges (edge pixel not repeated) puts at `i`.
int64_t Reflect(int64_t i, int64_t size) {
  if (size == 1) return 0;
  const int64_t period = 2 * (size - 1);
  i = ((i % period) + period) % period;
  return i < size ? i : period - i;
}

}  // namespace

Normalizer::Normalizer(const ImageSet& images)
    : images_(images),
      channels_(images.channels),
      height_(images.preprocess.height),
      width_(images.preprocess.width),
      table_(static_cast<size_t>(images.channels) * 256) {
  CheckSource(images);
  const Preprocess& p = images.preprocess;
  for (int64_t c = 0; c < channels_; ++c) {
    const double mean = p.mean.empty() ? 0 : p.mean.at(c);
    const double std = p.std.empty() ? 1 : p.std.at(c);
    for (int v = 0; v < 256; ++v)
      table_[c * 256 + v] = static_cast<float>((v / p.scale - mean) / std);
  }
}

void Normalizer::Write(int64_t image, const ImageTransform& transform, int64_t cutout,
                       float* out) const {
  thread_local std::vector<uint8_t> pixels;
  pixels.resize(static_cast<size_t>(images_.image_bytes()));
  if (auto read = images_.source->Read(image, pixels); !read) throw Failure(read.error());
  thread_local std::vector<int64_t> columns;  // an allocation per image would be felt
  columns.resize(width_);
  for (int64_t x = 0; x < width_; ++x) {
    const int64_t source = Reflect(x - transform.dx, width_);
    columns[x] = transform.flip ? width_ - 1 - source : source;
  }
  for (int64_t y = 0; y < height_; ++y) {
    float* row = out + y * width_ * channels_;
    WriteRow(pixels.data(), Reflect(y - transform.dy, height_), columns, row);
    const bool cut = y >= transform.cut_y && y < transform.cut_y + cutout;
    if (cut) CutRow(transform.cut_x, cutout, row);
  }
}

void Normalizer::WriteRow(const uint8_t* pixels, int64_t y, const std::vector<int64_t>& columns,
                          float* row) const {
  for (int64_t c = 0; c < channels_; ++c) {
    const uint8_t* from = pixels + (c * height_ + y) * width_;
    const float* table = table_.data() + c * 256;
    for (int64_t x = 0; x < width_; ++x) row[x * channels_ + c] = table[from[columns[x]]];
  }
}

void Normalizer::CutRow(int64_t begin, int64_t side, float* row) const {
  const int64_t first = std::clamp<int64_t>(begin, 0, width_);
  const int64_t last = std::clamp<int64_t>(begin + side, first, width_);
  std::fill(row + first * channels_, row + last * channels_, 0.0f);
}

}  // namespace nacre::train_internal
