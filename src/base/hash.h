// Content hashes: 128 bit (XXH3), as 32 lower-case hex digits. For identity, not for security.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nacre {

std::string HashBytes(std::string_view bytes);
uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);

// Order-sensitive: Hasher().Add("a").Add("b") differs from Hasher().Add("ab").
class Hasher {
 public:
  Hasher& Add(std::string_view bytes);
  Hasher& Add(int64_t number);
  Hasher& Add(double number);
  std::string Digest() const;

 private:
  std::string buffer_;
};

}  // namespace nacre
