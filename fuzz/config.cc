// A run file.
#include "config/config.h"

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  nacre::RunConfig config;
  if (nacre::ParseConfig(nacre::Text(data, size), "fuzz.toml", config)) nacre::PrintConfig(config);
  return 0;
}
