// Files that are whole, with nodes that are not: written and read again.
#include <stdexcept>

#include "fuzz/networks.h"
#include "onnx/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  nacre::Choices choices(data, size);
  const auto network = nacre::ParseOnnx(nacre::SerializeOnnx(nacre::AnyNetwork(choices)));
  if (!network) return 0;
  // What was read can be written and read.
  const auto again = nacre::ParseOnnx(nacre::SerializeOnnx(*network));
  if (!again) throw std::logic_error("not read again: " + again.error().message);
  return 0;
}
