// For messages about words that nobody knows.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nacre {

// Levenshtein's: insertions, deletions and replacements of a character.
size_t EditDistance(std::string_view a, std::string_view b);

// The entry of `known`, which must not be empty, with the smallest edit distance to `word`.
std::string Nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace nacre
