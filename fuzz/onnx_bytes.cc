// An ONNX file as it comes.
#include "fuzz/fuzz.h"
#include "onnx/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto network = nacre::ParseOnnx(nacre::Text(data, size), "fuzz", "/nonexistent");
  if (network) nacre::SerializeOnnx(*network);
  return 0;
}
