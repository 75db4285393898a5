#include "examples/demo/scene.h"

#include <algorithm>

#include "examples/demo/shapes.h"
#include "examples/demo/texture.h"

namespace nacre {
namespace {

constexpr int kSamples = 3;  // per side of a pixel, against jagged edges

double Between(Random& random, double low, double high) {
  return low + (high - low) * random.Uniform();
}

double Square(double x) { return x * x; }

Color RandomColor(Random& random) {
  return {Between(random, 20, 235), Between(random, 20, 235), Between(random, 20, 235)};
}

// A colour near `color`, so that a texture does not hide the edge of its shape.
Color Near(Random& random, Color color, double spread) {
  for (double& channel : color) channel += Between(random, -spread, spread);
  return color;
}

double SquaredDistance(const Color& a, const Color& b) {
  return Square(a[0] - b[0]) + Square(a[1] - b[1]) + Square(a[2] - b[2]);
}

// Two random numbers are never drawn in one expression: C++ does not fix their order.
class Canvas {
 public:
  explicit Canvas(int64_t size) : size_(size), pixels_(static_cast<size_t>(size * size)) {}

  // Paints the points for which `holds` is true, no farther than `reach` from (x, y), over the
  // canvas.
  template <typename Holds>
  void Paint(const Holds& holds, double x, double y, double reach, const Texture& texture,
             double opacity = 1) {
    const int64_t left = Edge(x - reach), right = Edge(x + reach + 1);
    const int64_t top = Edge(y - reach), bottom = Edge(y + reach + 1);
    for (int64_t row = top; row < bottom; ++row) {
      for (int64_t column = left; column < right; ++column) {
        const double share = opacity * Coverage(holds, column, row);
        if (share > 0) Blend(row, column, share, texture.At(column + 0.5, row + 0.5));
      }
    }
  }

  void Fill(const Texture& texture) {
    for (int64_t row = 0; row < size_; ++row) {
      for (int64_t column = 0; column < size_; ++column) {
        Blend(row, column, 1, texture.At(column + 0.5, row + 0.5));
      }
    }
  }

  // Adds light that falls off across the image, contrast about mid-grey and noise; returns bytes.
  std::vector<uint8_t> Develop(Random& random) {
    const Direction light = DirectionOf(random.Uniform());
    const double fall = Between(random, 0, 0.5) / static_cast<double>(size_);
    const double contrast = Between(random, 0.6, 1.1), shift = Between(random, -30, 30);
    const double noise = Between(random, 3, 16);
    std::vector<uint8_t> bytes;
    bytes.reserve(pixels_.size() * 3);
    for (int64_t i = 0; i < size_ * size_; ++i) {
      const int64_t column = i % size_, row = i / size_;
      const double x = static_cast<double>(column) - static_cast<double>(size_) / 2;
      const double y = static_cast<double>(row) - static_cast<double>(size_) / 2;
      const double gain = contrast * (1 + fall * (x * light.cosine + y * light.sine));
      for (const double channel : pixels_[static_cast<size_t>(i)]) {
        // The sum of three uniform numbers is nearly normal and needs no logarithm.
        double grain = -1.5;
        for (int draw = 0; draw < 3; ++draw) grain += random.Uniform();
        const double value = 128 + shift + gain * (channel - 128) + noise * 2 * grain;
        bytes.push_back(static_cast<uint8_t>(std::clamp(value, 0.0, 255.0) + 0.5));
      }
    }
    return bytes;
  }

 private:
  int64_t Edge(double at) const { return std::clamp<int64_t>(static_cast<int64_t>(at), 0, size_); }

  template <typename Holds>
  static double Coverage(const Holds& holds, int64_t column, int64_t row) {
    int hits = 0;
    for (int i = 0; i < kSamples * kSamples; ++i) {
      const int across = i % kSamples, down = i / kSamples;
      const double x = static_cast<double>(column) + (across + 0.5) / kSamples;
      const double y = static_cast<double>(row) + (down + 0.5) / kSamples;
      hits += holds(x, y);
    }
    return static_cast<double>(hits) / (kSamples * kSamples);
  }

  void Blend(int64_t row, int64_t column, double share, const Color& color) {
    Color& pixel = pixels_[static_cast<size_t>(row * size_ + column)];
    for (size_t c = 0; c < 3; ++c) pixel[c] = pixel[c] * (1 - share) + color[c] * share;
  }

  const int64_t size_;
  std::vector<Color> pixels_;
};

// With random aspect and rotation; the caller sets the centre.
Pose RandomPose(Random& random, double radius) {
  const Direction turn = DirectionOf(random.Uniform());
  const double aspect = Between(random, 0.85, 1.18);
  return {0, 0, radius * aspect, radius / aspect, turn.cosine, turn.sine};
}

void PaintShape(Canvas& canvas, int shape, const Pose& pose, const Texture& texture,
                double opacity) {
  const auto holds = [&](double x, double y) { return ShapeHolds(shape, pose, x, y); };
  canvas.Paint(holds, pose.x, pose.y, std::max(pose.radius_x, pose.radius_y) + 1, texture, opacity);
}

void PaintLine(Canvas& canvas, Random& random, double size, double width) {
  const Direction along = DirectionOf(random.Uniform());
  const double x0 = Between(random, 0, size), y0 = Between(random, 0, size);
  const double half = Between(random, 0.15, 0.6) * size;
  const Color color = RandomColor(random);
  const Texture texture(random, color, Near(random, color, 30), size);
  const auto holds = [&](double x, double y) {
    const double s = (x - x0) * along.cosine + (y - y0) * along.sine;
    const double t = (y - y0) * along.cosine - (x - x0) * along.sine;
    return s > -half && s < half && t > -width && t < width;
  };
  canvas.Paint(holds, x0, y0, half + width, texture);
}

// A small shape of any class, or a larger one that the border of the image cuts.
void PaintClutter(Canvas& canvas, Random& random, double size) {
  const bool is_cut = random.Below(2) == 0;
  Pose pose =
      RandomPose(random, size * (is_cut ? Between(random, 0.15, 0.3) : Between(random, 0.05, 0.1)));
  pose.x = Between(random, 0, size);
  pose.y = Between(random, 0, size);
  if (is_cut) {  // the centre moves to one of the four borders, or beyond it
    const double beyond = Between(random, -0.1, 0.02) * size;
    const uint64_t side = random.Below(4);
    (side < 2 ? pose.x : pose.y) = side % 2 == 0 ? beyond : size - beyond;
  }
  const Color color = RandomColor(random);
  const Texture texture(random, color, Near(random, color, 60), size);
  const int shape = static_cast<int>(random.Below(kShapeCount));
  PaintShape(canvas, shape, pose, texture, Between(random, 0.5, 1));
}

}  // namespace

std::vector<uint8_t> RenderScene(int shape, int64_t pixels, Random random) {
  const double size = static_cast<double>(pixels);
  Canvas canvas(pixels);
  const Color ground = RandomColor(random);
  canvas.Fill(Texture(random, ground, Near(random, ground, 50), size));
  for (uint64_t left = random.Below(4); left > 0; --left) PaintClutter(canvas, random, size);
  for (uint64_t left = random.Below(3); left > 0; --left) {
    PaintLine(canvas, random, size, Between(random, 0.01, 0.03) * size);
  }

  Color color = RandomColor(random);
  while (SquaredDistance(color, ground) < Square(110)) color = RandomColor(random);
  Pose pose = RandomPose(random, size * Between(random, 0.24, 0.42));
  const double margin = 0.85 * std::max(pose.radius_x, pose.radius_y);
  pose.x = Between(random, margin, size - margin);
  pose.y = Between(random, margin, size - margin);
  PaintShape(canvas, shape, pose, Texture(random, color, Near(random, color, 35), size), 1);

  for (uint64_t left = random.Below(2); left > 0; --left) {
    PaintLine(canvas, random, size, Between(random, 0.01, 0.03) * size);
  }
  return canvas.Develop(random);
}

}  // namespace nacre
