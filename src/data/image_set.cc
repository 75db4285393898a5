#include "data/image_set.h"

#include <array>
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

std::vector<int64_t> Numbers(int64_t begin, int64_t end) {
  std::vector<int64_t> numbers(static_cast<size_t>(end - begin));
  std::iota(numbers.begin(), numbers.end(), begin);
  return numbers;
}

}  // namespace

Expected<Tensor> ImageSet::Batch(const std::vector<int64_t>& indices) const {
  CheckSource(*this);
  const auto tables = NormalisationTables(*this);
  const size_t plane = static_cast<size_t>(preprocess.height * preprocess.width);
  std::vector<uint8_t> pixels(static_cast<size_t>(image_bytes()));
  std::vector<std::byte> bytes(indices.size() * pixels.size() * sizeof(float));
  float* to = reinterpret_cast<float*>(bytes.data());
  for (const int64_t index : indices) {
    NACRE_CHECK_OK(source->Read(index, pixels));
    const uint8_t* from = pixels.data();
    for (const auto& table : tables) {
      for (size_t i = 0; i < plane; ++i) *to++ = table[*from++];
    }
  }
  const Shape shape = {static_cast<int64_t>(indices.size()), channels, preprocess.height,
                       preprocess.width};
  return Tensor(DataType::kFloat, shape, std::move(bytes));
}

Expected<Tensor> ImageSet::Batch(int64_t begin, int64_t end) const {
  if (begin > end) throw std::logic_error("ImageSet::Batch: begin is behind end");
  return Batch(Numbers(begin, end));
}

ImageSet ImageSet::Subset(const std::vector<int64_t>& indices) const {
  ImageSet subset;
  subset.preprocess = preprocess;
  subset.channels = channels;
  subset.classes = classes;
  subset.source = Selected(source, indices);
  Hasher hasher;
  hasher.Add("subset").Add(hash);
  for (const int64_t index : indices) {
    subset.labels.push_back(labels.at(static_cast<size_t>(index)));
    hasher.Add(index);
  }
  subset.hash = hasher.Digest();
  return subset;
}

std::string DescriptionHash(const ImageSet& set) {
  const Preprocess& p = set.preprocess;
  Hasher hasher;
  hasher.Add(p.height)
      .Add(p.width)
      .Add(ColorName(p.color))
      .Add(p.scale)
      .Add(ResizeName(p.resize))
      .Add(p.side)
      .Add(InterpolationName(p.interpolation))
      .Add(set.channels);
  hasher.Add(static_cast<int64_t>(p.mean.size()));
  for (const double mean : p.mean) hasher.Add(mean);
  for (const double deviation : p.std) hasher.Add(deviation);
  for (const std::string& name : set.classes) hasher.Add(name);
  hasher.Add(HashBytes(View(set.labels.data(), set.labels.size() * sizeof(int))));
  return hasher.Digest();
}

Expected<std::string> ContentHash(const ImageSet& set) {
  CheckSource(set);
  Hasher hasher;
  hasher.Add(DescriptionHash(set));
  std::vector<uint8_t> pixels(static_cast<size_t>(set.image_bytes()));
  for (int64_t i = 0; i < set.count(); ++i) {
    NACRE_CHECK_OK(set.source->Read(i, pixels));
    hasher.Add(HashBytes(View(pixels.data(), pixels.size())));
  }
  return hasher.Digest();
}

void CheckSource(const ImageSet& set) {
  const bool fits = set.source && set.source->count() == set.count() &&
                    (set.count() == 0 || set.source->image_bytes() == set.image_bytes());
  if (fits) return;
  throw std::logic_error("image set: the pixels do not fit count, channels, height and width");
}

}  // namespace nacre
