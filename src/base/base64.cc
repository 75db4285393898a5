#include "base/base64.h"

#include <cstdint>

namespace nacre {

std::string Base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) {
      const bool there = at + i < bytes.size();
      group = (group << 8U) | (there ? static_cast<uint8_t>(bytes[at + i]) : 0U);
    }
    for (int digit = 3; digit >= 0; --digit) {
      const bool there = at + static_cast<size_t>(3 - digit) <= bytes.size();
      text += there ? kDigits[(group >> (6U * static_cast<unsigned>(digit))) & 63U] : '=';
    }
  }
  return text;
}

}  // namespace nacre
