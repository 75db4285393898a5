// Messages for people, on standard error. Level by NACRE_LOG (debug, info, warn, error, off; info
// by default and for any other word); colour only on a terminal and without NO_COLOR. Thread-safe.
#pragma once

#include <string>

namespace nacre {

void Debug(const std::string& message);
void Info(const std::string& message);
void Warn(const std::string& message);

}  // namespace nacre
