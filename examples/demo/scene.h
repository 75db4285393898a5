// One image of RenderShapes: a shape of its class among things that are not.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"

namespace nacre {

// Interleaved RGB bytes, [size, size, 3]. A textured ground; blobs, lines and small or cut-off
// shapes of any class as clutter; the shape of class `shape` with random place, size, turn, aspect
// and texture; sometimes a line or a blob over it; then light, contrast and pixel noise.
// Deterministic in `random`, on every machine.
std::vector<uint8_t> RenderScene(int shape, int64_t size, Random random);

}  // namespace nacre
