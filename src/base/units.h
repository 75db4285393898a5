// Quantities with a unit have a type. Suffixes (`_ms`, `_bytes`) appear at the edges only: CLI,
// TOML, SQL, JSON.
#pragma once

#include <chrono>
#include <cstdint>

namespace nacre {

// Time of one inference of one batch.
using Latency = std::chrono::duration<double, std::micro>;
using Seconds = std::chrono::duration<double>;

inline double Milliseconds(Latency latency) { return latency.count() / 1e3; }

struct Bytes {
  int64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

// Fraction of right answers, in [0, 1], with its 95 % interval. Higher is better.
struct Accuracy {
  double value = 0;
  double low = 0;
  double high = 0;
  int64_t images = 0;
};

}  // namespace nacre
