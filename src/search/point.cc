#include "search/point.h"

#include <cmath>

namespace nacre {

std::string Point::Key() const {
  std::string key;
  for (int gene : genes) {
    if (!key.empty()) key += ',';
    key += std::to_string(gene);
  }
  for (const std::string& move : moves) key.append("|").append(move);
  return key;
}

bool Outcome::Succeeded() const {
  return error.empty() && !std::isnan(accuracy) && !std::isnan(cost);
}

}  // namespace nacre
