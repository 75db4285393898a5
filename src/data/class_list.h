// The order of classes, where it is not that of the folder names. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/expected.h"

namespace nacre {

// One class name a line, in the order of the network's outputs. Spaces around names and empty lines
// at the end do not count. Errors (kData) name the file and the line: it cannot be read, has no
// name, an empty line between names, or a name twice.
Expected<std::vector<std::string>> ReadClassList(const std::filesystem::path& file);

// "43 classes, in the order of the network's outputs: apple, avocado, ..., zucchini", with a word
// more where the names are numbers that stand in the order of text: 1, 10, 2.
std::string DescribeClasses(const std::vector<std::string>& classes);

}  // namespace nacre
