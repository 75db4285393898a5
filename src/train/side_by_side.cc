#include "train/side_by_side.h"

#include <ATen/Parallel.h>

#include <atomic>

#include "train/guarded.h"

namespace nacre::train_internal {

void SideBySide(Crew& crew, size_t count,
                const std::function<void(int member, size_t index)>& visit) {
  const TorchThreads restored(1);
  std::atomic<size_t> next = 0;
  crew.Each([&](int member) {
    at::set_num_threads(1);
    for (size_t index = next++; index < count; index = next++) visit(member, index);
  });
}

}  // namespace nacre::train_internal
