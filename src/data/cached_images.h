// A source that keeps what it has read. Thread-safe.
#pragma once

#include "base/units.h"
#include "data/image_source.h"

namespace nacre {

// Keeps images of `from` in memory, those that are read first, until they fill `most`; the others
// are read anew each time. A training reads all images equally often, so that no choice of what to
// keep would be better, and what is needed first (statistics, distillation) is needed most often.
ImageSourcePtr Cached(ImageSourcePtr from, Bytes most);

}  // namespace nacre
