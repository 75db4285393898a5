// A first look at all images of a set.
// Private to data/. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/image_set.h"

namespace nacre::data_internal {

// Reads every image once, with all cores: what is broken is known then, and a cache is filled. Says
// for each image why it could not be read; empty where it could. `progress` may be empty; it gets
// the fraction that is done, on the calling thread.
std::vector<std::string> LookThrough(const ImageSet& set,
                                     const std::function<void(double)>& progress);

}  // namespace nacre::data_internal
