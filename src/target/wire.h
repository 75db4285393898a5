// Frames between the measuring child and its parent: an 8-byte length, then that many bytes. Both
// ends are the same program, so numbers travel as they lie in memory: between machines of one byte
// order.
#pragma once

#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace nacre {

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
  // With the length in front.
  std::string Frame() const { return FrameWriter().Put(bytes_).bytes_; }

 private:
  std::string bytes_;
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
  // The next whole frame, or nothing when the stream ends before its end.
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

// What `nacre agent` must speak; one more when a frame changes.
constexpr int kWireProtocol = 1;
// Exit code of `nacre agent` when its measuring child took too much memory.
constexpr int kAgentOutOfMemory = 99;

// First byte of a frame that the child sends.
enum class Reply : uint8_t { kAt = 'a', kFailed = 'f', kMeasured = 'm' };

}  // namespace nacre
