// Bytes as text (RFC 4648, section 4). Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace nacre {

std::string Base64(std::string_view bytes);

}  // namespace nacre
