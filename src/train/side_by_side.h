// Independent work on torch tensors, one piece a thread (decision 12). Private to train/.
#pragma once

#include <cstddef>
#include <functional>

#include "base/crew.h"

namespace nacre::train_internal {

// Calls visit(member, index) for every index below `count`, by whichever member of the crew is
// free, each with one torch thread: small operations do not gain by threads of their own. Gradients
// are recorded unless `visit` says otherwise.
void SideBySide(Crew& crew, size_t count,
                const std::function<void(int member, size_t index)>& visit);

}  // namespace nacre::train_internal
