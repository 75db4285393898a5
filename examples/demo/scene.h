// One image of RenderShapes: a shape of its class among clutter. Thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"

namespace nacre {

// Interleaved RGB bytes, [size, size, 3]. A textured background; lines and small or cut-off shapes
// of any class as clutter; the shape of class `shape` with random place, size, rotation, aspect and
// texture; sometimes a line over it; then light, contrast and pixel noise.
// Deterministic in `random`, on every machine.
std::vector<uint8_t> RenderScene(int shape, int64_t size, Random random);

}  // namespace nacre
