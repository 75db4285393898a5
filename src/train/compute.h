// Where training runs.
#pragma once

#include <string>

namespace nacre {

struct Compute {
  std::string device = "cpu";
  int threads = 2;
  bool bf16 = false;
};

}  // namespace nacre
