// Whole files. Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "base/expected.h"

namespace nacre {

// The bytes of a file, or the system's reason (kData), without the file's name: "cannot be opened:
// No such file or directory".
Expected<std::string> ReadWholeFile(const std::filesystem::path& path);

}  // namespace nacre
