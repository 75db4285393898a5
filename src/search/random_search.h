// Random search: what every other strategy must beat.
#pragma once

#include <memory>

#include "search/search_space.h"
#include "search/strategy.h"
#include "search/tree_search.h"

namespace nacre {

// Draws as many points as the first rung of `options` has from random walks that begin at the
// roots, each once. The space must outlive the strategy.
std::unique_ptr<Strategy> MakeRandomSearch(const SearchSpace& space, TreeSearchOptions options);

}  // namespace nacre
