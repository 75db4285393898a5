// Frames of another machine, as nacre agent and its caller read them.
#include <stdexcept>

#include "fuzz/fuzz.h"
#include "target/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes = nacre::Text(data, size);
  nacre::target_internal::FrameReader stream(bytes);
  while (const auto frame = stream.NextFrame()) {
    nacre::target_internal::FrameReader reader(*frame);
    try {
      for (;;) {
        reader.Get<uint8_t>();
        reader.GetText();
        reader.Get<double>();
      }
    } catch (const std::out_of_range&) {
      continue;  // what a frame that is too short is said with
    }
  }
  return 0;
}
