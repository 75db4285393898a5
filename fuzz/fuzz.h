// What every target shares. A target defines LLVMFuzzerTestOneInput, as libFuzzer wants it; any
// input may be refused, and none may crash, hang or take much memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

namespace nacre {

// Decisions that are read from the input; zeros behind its end.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}

  bool empty() const { return at_ == end_; }
  uint8_t Byte() { return empty() ? 0 : *at_++; }
  size_t Below(size_t count) { return Byte() % count; }
  // Small numbers mostly, and now and then one that overflows what is computed with it.
  int64_t Number() {
    static constexpr int64_t kOdd[] = {-1,        INT64_MAX, INT64_MIN, int64_t{1} << 31,
                                       INT32_MIN, 65536,     20000,     int64_t{1} << 62};
    const uint8_t byte = Byte();
    return byte < 200 ? byte % 12 - 2 : kOdd[byte % std::size(kOdd)];
  }
  std::vector<int64_t> Numbers(size_t most) {
    std::vector<int64_t> numbers(Below(most + 1));
    for (int64_t& number : numbers) number = Number();
    return numbers;
  }
  template <typename T>
  const T& Of(const std::vector<T>& all) {
    return all[Below(all.size())];
  }

 private:
  const uint8_t *at_, *end_;
};

inline std::string Text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace nacre

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
