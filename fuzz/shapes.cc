// Shape inference of networks that no reader has checked.
#include "graph/shapes.h"

#include "fuzz/networks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  nacre::Choices choices(data, size);
  const nacre::Network network = nacre::AnyNetwork(choices);
  if (!nacre::Verify(network)) return 0;
  (void)nacre::InferShapes(network, 1);
  (void)nacre::InferShapes(network, nacre::kDynamic);
  return 0;
}
