// Annotations in COCO's form: JSON.
#include "data/coco.h"

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)nacre::data_internal::ParseCoco({reinterpret_cast<const char*>(data), size}, "fuzz.json",
                                        "folder");
  return 0;
}
