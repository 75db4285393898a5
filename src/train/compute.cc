#include "train/compute.h"

namespace nacre {

Expected<void> CheckCompute(const Compute& compute) {
  if (compute.device != "cpu") {
    return Fail(ErrorKind::kUsage,
                "training on device '" + compute.device + "' is not supported: only 'cpu' is");
  }
  if (compute.threads < 1) {
    return Fail(ErrorKind::kUsage,
                "training needs at least 1 thread, not " + std::to_string(compute.threads));
  }
  return {};
}

}  // namespace nacre
