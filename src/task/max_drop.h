// The loss of accuracy that the user accepts: relative to the original's accuracy ("1%"), or in
// points of accuracy ("0.5pt"). Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "task/paired.h"

namespace nacre {

struct MaxDrop {
  double value = 0.01;  // a fraction: 0.01 is 1 %, or 1 point
  bool in_points = false;

  // The least accuracy that is accepted when the original reaches `reference`; both in [0, 1].
  double Limit(double reference) const {
    return in_points ? reference - value : reference * (1 - value);
  }
  // The loss in the same unit, with its bounds.
  Drop Of(const PairedCounts& counts) const {
    return in_points ? DropInPoints(counts) : RelativeDrop(counts);
  }
  bool operator==(const MaxDrop&) const = default;
};

// "1%", "0.01" (both relative), "0.5pt". Nothing when it is not such a text or not from 0 to 50 %.
std::optional<MaxDrop> ParseMaxDrop(const std::string& text);

// A text that reads back to the same value.
std::string ToString(const MaxDrop& drop);

}  // namespace nacre
