#include "data/image_set.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <numeric>
#include <stdexcept>
#include <string_view>

#include "base/hash.h"

namespace nacre {
namespace {

std::string_view View(const void* data, size_t bytes) {
  return {static_cast<const char*>(data), bytes};
}

// A pixel has 256 values only, so that each channel is a table look-up.
std::vector<std::array<float, 256>> NormalisationTables(const ImageSet& set) {
  const Preprocess& preprocess = set.preprocess;
  std::vector<std::array<float, 256>> tables(static_cast<size_t>(set.channels));
  for (size_t channel = 0; channel < tables.size(); ++channel) {
    const double mean = preprocess.mean.empty() ? 0.0 : preprocess.mean.at(channel);
    const double deviation = preprocess.std.empty() ? 1.0 : preprocess.std.at(channel);
    for (int pixel = 0; pixel < 256; ++pixel) {
      tables[channel][static_cast<size_t>(pixel)] =
          static_cast<float>((pixel / preprocess.scale - mean) / deviation);
    }
  }
  return tables;
}

int64_t CheckedIndex(const ImageSet& set, int64_t index) {
  if (index >= 0 && index < set.count()) return index;
  throw std::logic_error(fmt::format("ImageSet: index {} of {} images", index, set.count()));
}

}  // namespace

Tensor ImageSet::Batch(const std::vector<int64_t>& indices) const {
  const auto tables = NormalisationTables(*this);
  const size_t plane = static_cast<size_t>(preprocess.height * preprocess.width);
  const size_t size = static_cast<size_t>(image_bytes());
  std::vector<std::byte> bytes(indices.size() * size * sizeof(float));
  float* to = reinterpret_cast<float*>(bytes.data());
  for (const int64_t index : indices) {
    const uint8_t* from = pixels.data() + static_cast<size_t>(CheckedIndex(*this, index)) * size;
    for (const auto& table : tables) {
      for (size_t i = 0; i < plane; ++i) *to++ = table[*from++];
    }
  }
  const Shape shape = {static_cast<int64_t>(indices.size()), channels, preprocess.height,
                       preprocess.width};
  return Tensor(DataType::kFloat, shape, std::move(bytes));
}

Tensor ImageSet::Batch(int64_t begin, int64_t end) const {
  if (begin > end) throw std::logic_error("ImageSet::Batch: begin is behind end");
  std::vector<int64_t> indices(static_cast<size_t>(end - begin));
  std::iota(indices.begin(), indices.end(), begin);
  return Batch(indices);
}

ImageSet ImageSet::Subset(const std::vector<int64_t>& indices) const {
  ImageSet subset;
  subset.preprocess = preprocess;
  subset.channels = channels;
  subset.classes = classes;
  const size_t size = static_cast<size_t>(image_bytes());
  subset.pixels.resize(indices.size() * size);
  uint8_t* to = subset.pixels.data();
  for (const int64_t index : indices) {
    const size_t i = static_cast<size_t>(CheckedIndex(*this, index));
    if (size > 0) std::memcpy(to, pixels.data() + i * size, size);
    to += size;
    subset.labels.push_back(labels[i]);
  }
  subset.hash = ContentHash(subset);
  return subset;
}

std::string ContentHash(const ImageSet& set) {
  const Preprocess& p = set.preprocess;
  Hasher hasher;
  hasher.Add(p.height)
      .Add(p.width)
      .Add(ColorName(p.color))
      .Add(p.scale)
      .Add(ResizeName(p.resize))
      .Add(set.channels);
  hasher.Add(static_cast<int64_t>(p.mean.size()));
  for (const double mean : p.mean) hasher.Add(mean);
  for (const double deviation : p.std) hasher.Add(deviation);
  for (const std::string& name : set.classes) hasher.Add(name);
  hasher.Add(HashBytes(View(set.labels.data(), set.labels.size() * sizeof(int))));
  hasher.Add(HashBytes(View(set.pixels.data(), set.pixels.size())));
  return hasher.Digest();
}

}  // namespace nacre
