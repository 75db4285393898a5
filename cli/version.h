// The version of nacre.
#pragma once

#include <string>

namespace nacre {

// "0.1.0 (1a2b3c4)": version and commit. A "+" behind the commit means that the sources differ from
// it; outside a checkout there is no commit.
std::string Version();

}  // namespace nacre
