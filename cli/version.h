// Which nacre this is.
#pragma once

#include <string>

namespace nacre {

// "0.1.0 (1a2b3c4)": version and commit, "+" behind the commit when sources differ from it; no
// commit outside of a checkout.
std::string Version();

}  // namespace nacre
