// The state of an optimizer in a run folder.
#include "fuzz/fuzz.h"
#include "train/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)nacre::train_internal::ReadSafeTensors(nacre::Text(data, size));
  return 0;
}
