// Separable resampling with a triangle or a cubic filter in 22-bit fixed point, rounded to bytes
// between the two passes: the arithmetic of Pillow's Resample.c, so that nacre's pixels are those
// the network was trained on.
#include "data/fit.h"

#include <algorithm>
#include <cmath>

#include "data/placement.h"

namespace nacre::data_internal {
namespace {

constexpr int kFractionBits = 32 - 8 - 2;

// One pixel of the result is the weighted sum of the pixels [first, first + weights.size()) of the
// source.
struct Tap {
  int64_t first = 0;
  std::vector<int> weights;
};

double Triangle(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

// Keys' cubic with a = -0.5 (IEEE Transactions on Acoustics 29, 1981).
double Cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

// Taps of `size` pixels over a line of `source` pixels.
std::vector<Tap> MakeTaps(int64_t source, int64_t size, Interpolation interpolation) {
  const bool cubic = interpolation == Interpolation::kBicubic;
  const double scale = static_cast<double>(source) / static_cast<double>(size);
  const double stretch = std::max(scale, 1.0), support = stretch * (cubic ? 2 : 1);
  std::vector<Tap> taps(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(center - support + 0.5));
    const int64_t last = std::min<int64_t>(source, static_cast<int64_t>(center + support + 0.5));
    std::vector<double> weights;
    double sum = 0;
    for (int64_t x = first; x < last; ++x) {
      const double distance = (static_cast<double>(x) - center + 0.5) / stretch;
      weights.push_back(cubic ? Cubic(distance) : Triangle(distance));
      sum += weights.back();
    }
    Tap& tap = taps[static_cast<size_t>(i)];
    tap.first = first;
    for (const double weight : weights) {
      tap.weights.push_back(static_cast<int>(std::lround(weight / sum * (1 << kFractionBits))));
    }
  }
  return taps;
}

uint8_t ApplyTap(const Tap& tap, const uint8_t* line, int64_t stride) {
  int64_t sum = int64_t{1} << (kFractionBits - 1);
  const uint8_t* pixel = line + tap.first * stride;
  for (const int weight : tap.weights) {
    sum += int64_t{weight} * *pixel;
    pixel += stride;
  }
  return static_cast<uint8_t>(std::clamp<int64_t>(sum >> kFractionBits, 0, 255));
}

Picture Resize(const Picture& from, const std::vector<Tap>& across, const std::vector<Tap>& down) {
  const int64_t width = static_cast<int64_t>(across.size());
  const int64_t height = static_cast<int64_t>(down.size());
  Picture wide{from.height, width,
               std::vector<uint8_t>(static_cast<size_t>(from.height * width * 3))};
  uint8_t* to = wide.pixels.data();
  for (int64_t y = 0; y < from.height; ++y) {
    const uint8_t* line = from.pixels.data() + y * from.width * 3;
    for (const Tap& tap : across) {
      for (int c = 0; c < 3; ++c) *to++ = ApplyTap(tap, line + c, 3);
    }
  }
  Picture result{height, width, std::vector<uint8_t>(static_cast<size_t>(height * width * 3))};
  to = result.pixels.data();
  for (const Tap& tap : down) {
    for (int64_t i = 0; i < width * 3; ++i)
      *to++ = ApplyTap(tap, wide.pixels.data() + i, width * 3);
  }
  return result;
}

Picture Crop(const Picture& from, int64_t top, int64_t left, int64_t height, int64_t width) {
  Picture result{.height = height, .width = width};
  for (int64_t y = top; y < top + height; ++y) {
    const auto begin = from.pixels.begin() + (y * from.width + left) * 3;
    result.pixels.insert(result.pixels.end(), begin, begin + width * 3);
  }
  return result;
}

Picture Stretch(const Picture& from, int64_t height, int64_t width, Interpolation interpolation) {
  if (from.height == height && from.width == width) return from;
  return Resize(from, MakeTaps(from.width, width, interpolation),
                MakeTaps(from.height, height, interpolation));
}

Picture FitToSize(const Picture& picture, const Preprocess& preprocess) {
  const Placement place = PlaceInInput({picture.width, picture.height}, preprocess);
  const Picture scaled =
      Stretch(picture, place.scaled.height, place.scaled.width, preprocess.interpolation);
  return Crop(scaled, place.top, place.left, preprocess.height, preprocess.width);
}

}  // namespace

std::vector<uint8_t> FitPicture(const Picture& picture, const Preprocess& preprocess) {
  const Picture fitted = FitToSize(picture, preprocess);
  const size_t plane = static_cast<size_t>(fitted.height * fitted.width);
  const uint8_t* from = fitted.pixels.data();
  std::vector<uint8_t> result(plane * static_cast<size_t>(preprocess.channels()));
  for (size_t i = 0; i < plane; ++i, from += 3) {
    if (preprocess.color == ColorOrder::kGray) {
      // ITU-R 601-2 luma in 16-bit fixed point, as Pillow's "L".
      result[i] =
          static_cast<uint8_t>((from[0] * 19595 + from[1] * 38470 + from[2] * 7471 + 32768) >> 16);
      continue;
    }
    const size_t red = preprocess.color == ColorOrder::kBgr ? 2 : 0;
    result[red * plane + i] = from[0];
    result[plane + i] = from[1];
    result[(2 - red) * plane + i] = from[2];
  }
  return result;
}

}  // namespace nacre::data_internal
