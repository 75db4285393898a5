// Frames between the measuring child and its parent: an 8-byte length, then that many bytes.
// Private to target/. Not thread-safe.
//
// Both ends are the same program, so numbers are sent as they lie in memory; the two machines must
// have the same byte order.
//
// Request: a frame of MeasureOptions and the number of jobs, then one frame for each job. Reply:
// frames that begin with a Reply and the job's place in the request.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nacre::target_internal {

// Builds the bytes of a frame.
class FrameWriter {
 public:
  template <typename T>
    requires std::is_arithmetic_v<T>
  FrameWriter& Put(T number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  FrameWriter& Put(const std::string& text) {
    Put(static_cast<uint64_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  // The bytes so far, with their length in front.
  std::string Frame() const { return FrameWriter(*this).TakeFrame(); }
  // The same without a copy, which for a job would be one of all weights. The writer begins anew.
  std::string TakeFrame() {
    const uint64_t size = bytes_.size() - sizeof(uint64_t);
    std::memcpy(bytes_.data(), &size, sizeof size);
    return std::exchange(bytes_, std::string(sizeof(uint64_t), '\0'));
  }

 private:
  std::string bytes_ = std::string(sizeof(uint64_t), '\0');  // begins with room for the length
};

// Reads what a FrameWriter wrote, in the same order. Throws std::out_of_range when there is less.
class FrameReader {
 public:
  explicit FrameReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
    requires std::is_arithmetic_v<T>
  T Get() {
    T number;
    std::memcpy(&number, Take(sizeof number).data(), sizeof number);
    return number;
  }
  std::string GetText() { return std::string(Take(Get<uint64_t>())); }
  // The next whole frame, or nothing when the stream ends before the frame does.
  std::optional<std::string_view> NextFrame() {
    uint64_t size = 0;
    if (bytes_.size() < sizeof size) return std::nullopt;
    std::memcpy(&size, bytes_.data(), sizeof size);
    if (bytes_.size() - sizeof size < size) return std::nullopt;
    bytes_.remove_prefix(sizeof size);
    return Take(size);
  }

 private:
  std::string_view Take(size_t size) {
    if (size > bytes_.size()) throw std::out_of_range("frame is too short");
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
};

// The protocol that `nacre agent` must speak. Increment it when a frame changes.
constexpr int kWireProtocol = 1;
// Exit code of `nacre agent` when its measuring child exceeded its memory limit.
constexpr int kAgentOutOfMemory = 99;

// The first byte of a frame that the child sends.
enum class Reply : uint8_t {
  kWorkingOn = 'a',  // the child begins to work on this job; a crash is this job's fault
  kFailed = 'f',     // then the kind and the message of the error
  kMeasured = 'm',   // then the fields of Measurement and Ratio, in order of declaration
};

}  // namespace nacre::target_internal
