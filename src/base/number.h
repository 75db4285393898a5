// A tuned number that says where it comes from.
#pragma once

#include <cstdint>
#include <string_view>

namespace nacre {

// Converts to double where it is used. forecast/priors.h holds them.
struct Number {
  std::string_view name;  // dotted, unique: "forecast.memorised_trained"
  double value = 0;
  std::string_view meaning;  // one sentence with the unit
  std::string_view source;   // a paper, a decision's number, a measurement, or plainly "a guess"
  std::string_view data;     // what it was fitted to, or "none"
  std::string_view date;     // ISO month

  constexpr operator double() const { return value; }
  // Of a number that counts something.
  constexpr int64_t Count() const { return static_cast<int64_t>(value); }
};

}  // namespace nacre
