// Scalars as TensorBoard reads them: <folder>/events.out.tfevents.<seconds>.nacre.<pid>, a new file
// for each process. Private to store/. Not thread-safe.
//
// Format: TFRecord framing (length, CRC-32C masked, bytes, CRC-32C masked) around Event messages
// (tensorflow/core/util/event.proto).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace nacre::store_internal {

class ScalarLog {
 public:
  explicit ScalarLog(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // One write(2) a scalar, so that a kill cuts at most the last. The first scalar creates the file.
  Expected<void> Append(const std::string& tag, int64_t step, double value);

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;  // empty until the first scalar
};

// CRC-32C (Castagnoli; RFC 3720, appendix B.4).
uint32_t Crc32c(std::string_view bytes);

}  // namespace nacre::store_internal
