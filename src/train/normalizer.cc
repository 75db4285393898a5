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

// A pixel between two stored ones.
struct Tap {
  int64_t first = 0, second = 0;
  float of_second = 0;
};

// Of `size` pixels over the window that begins at the share `begin` of the side.
std::vector<Tap> TapsOf(double begin, double share, int64_t size) {
  std::vector<Tap> taps(static_cast<size_t>(size));
  const auto side = static_cast<double>(size);
  for (int64_t i = 0; i < size; ++i) {
    const double place =
        std::clamp(begin * side + (static_cast<double>(i) + 0.5) * share - 0.5, 0.0, side - 1);
    const auto first = static_cast<int64_t>(place);
    taps[static_cast<size_t>(i)] = {first, std::min(first + 1, size - 1),
                                    static_cast<float>(place - static_cast<double>(first))};
  }
  return taps;
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
  thread_local std::vector<uint8_t> pixels;  // an allocation per image would be felt
  pixels.resize(static_cast<size_t>(images_.image_bytes()));
  if (auto read = images_.source->Read(image, pixels); !read) throw Failure(read.error());
  if (transform.wide < 1 || transform.high < 1)
    WriteWindow(pixels.data(), transform, out);
  else
    WriteWhole(pixels.data(), transform, out);
  const int64_t size = images_.image_bytes();
  if (transform.gain != 1 || transform.offset != 0) {
    for (int64_t i = 0; i < size; ++i) out[i] = transform.gain * out[i] + transform.offset;
  }
  for (int64_t y = std::max<int64_t>(0, transform.cut_y);
       y < std::min(height_, transform.cut_y + cutout); ++y)
    CutRow(transform.cut_x, cutout, out + y * width_ * channels_);
}

void Normalizer::WriteWhole(const uint8_t* pixels, const ImageTransform& transform,
                            float* out) const {
  thread_local std::vector<int64_t> columns;
  columns.resize(width_);
  for (int64_t x = 0; x < width_; ++x) {
    const int64_t source = Reflect(x - transform.dx, width_);
    columns[x] = transform.flip ? width_ - 1 - source : source;
  }
  for (int64_t y = 0; y < height_; ++y)
    WriteRow(pixels, Reflect(y - transform.dy, height_), columns, out + y * width_ * channels_);
}

void Normalizer::WriteWindow(const uint8_t* pixels, const ImageTransform& transform,
                             float* out) const {
  const std::vector<Tap> down = TapsOf(transform.top, transform.high, height_);
  std::vector<Tap> across = TapsOf(transform.left, transform.wide, width_);
  if (transform.flip) {
    for (Tap& tap : across) tap = {width_ - 1 - tap.first, width_ - 1 - tap.second, tap.of_second};
  }
  for (int64_t c = 0; c < channels_; ++c) {
    const float* table = table_.data() + c * 256;
    for (int64_t y = 0; y < height_; ++y) {
      const uint8_t* upper = pixels + (c * height_ + down[y].first) * width_;
      const uint8_t* lower = pixels + (c * height_ + down[y].second) * width_;
      const float share = down[y].of_second;
      for (int64_t x = 0; x < width_; ++x) {
        const Tap& tap = across[x];
        const auto mixed = [&](const uint8_t* row) {
          const float first = table[row[tap.first]];
          return first + tap.of_second * (table[row[tap.second]] - first);
        };
        const float above = mixed(upper);
        out[(y * width_ + x) * channels_ + c] = above + share * (mixed(lower) - above);
      }
    }
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
