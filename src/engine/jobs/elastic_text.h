// Options of elasticity as a parameter of a job. Private to engine/.
#pragma once

#include <string>

#include "graph/elastic.h"

namespace nacre::engine_internal {

// JSON.
std::string ElasticText(const ElasticOptions& options);
ElasticOptions ElasticFrom(const std::string& text);

}  // namespace nacre::engine_internal
