// Whole reads and writes of the pipes between a child and its parent.
// Private to target/.
#pragma once

#include <string>

namespace nacre::target_internal {

// Up to the end of the input, or to an error.
std::string ReadAll(int fd);
// False when the other side is gone.
bool WriteAll(int fd, const std::string& bytes);

}  // namespace nacre::target_internal
