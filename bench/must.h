// Benchmarks end with the first error.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <type_traits>
#include <utility>

#include "base/expected.h"

namespace nacre {

template <typename T>
T Must(Expected<T> value) {
  if (!value) {
    fmt::print(stderr, "{}\n", value.error().message);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*value);
}

}  // namespace nacre
