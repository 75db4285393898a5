// An image file: JPEG, PNG, EXIF.
#include "data/decode.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)nacre::data_internal::DecodePicture({reinterpret_cast<const char*>(data), size});
  return 0;
}
