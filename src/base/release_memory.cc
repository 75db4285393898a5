#include "base/release_memory.h"

#include <malloc.h>

namespace nacre {

void ReleaseFreedMemory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace nacre
