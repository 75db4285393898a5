// Seeded randomness that is the same on every machine and standard library.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace nacre {

// xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64. Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed);

  uint64_t Next();
  // Uniform in [0, bound). `bound` > 0.
  uint64_t Below(uint64_t bound);
  // Uniform in [0, 1).
  double Uniform();
  // Standard normal.
  double Normal();
  // An independent stream, named by what it is for; does not advance this one.
  Random Fork(std::string_view purpose) const;

  template <typename T>
  void Shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[Below(i)]);
  }

 private:
  uint64_t seed_;
  uint64_t state_[4];
};

}  // namespace nacre
