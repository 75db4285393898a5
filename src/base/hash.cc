#include "base/hash.h"

#include <xxhash.h>

#include <cstdio>
#include <cstring>

namespace nacre {

std::string HashBytes(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text;
}

uint64_t Hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hasher& Hasher::Add(std::string_view bytes) {
  Add(static_cast<int64_t>(bytes.size()));
  buffer_.append(bytes);
  return *this;
}

Hasher& Hasher::Add(int64_t number) {
  buffer_.append(reinterpret_cast<const char*>(&number), sizeof number);
  return *this;
}

Hasher& Hasher::Add(double number) {
  buffer_.append(reinterpret_cast<const char*>(&number), sizeof number);
  return *this;
}

std::string Hasher::Digest() const { return HashBytes(buffer_); }

}  // namespace nacre
