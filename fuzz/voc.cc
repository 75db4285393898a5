// Annotations of one image in Pascal VOC's form: XML.
#include "data/voc.h"

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)nacre::data_internal::ParseVoc({reinterpret_cast<const char*>(data), size}, "fuzz.xml");
  return 0;
}
