// Memory that was freed, back to the system.
#pragma once

namespace nacre {

// The allocator keeps what was freed for what comes next, in pieces that may not fit; between two
// large pieces of work that is only in the way. Takes milliseconds. Does nothing where the C
// library has no means.
void ReleaseFreedMemory();

}  // namespace nacre
