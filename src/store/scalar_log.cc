#include "store/scalar_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>

#include "store/write_file.h"

namespace nacre::store_internal {
namespace {

constexpr std::array<uint32_t, 256> CrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    table[i] = crc;
  }
  return table;
}

// Little-endian, as every machine that nacre runs on.
template <typename T>
std::string Encode(T number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

// TensorFlow masks checksums, because a checksum over bytes that contain a checksum is weak.
std::string MaskedCrc(const std::string& bytes) {
  const uint32_t crc = Crc32c(bytes);
  return Encode<uint32_t>((crc >> 15 | crc << 17) + 0xA282EAD8u);
}

std::string FrameRecord(const std::string& bytes) {
  const std::string length = Encode<uint64_t>(bytes.size());
  return length + MaskedCrc(length) + bytes + MaskedCrc(bytes);
}

// The wire format of Protobuf: the key of a field has its type in the low three bits.
enum WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
std::string Key(int field, WireType type) {
  return std::string(1, static_cast<char>(field << 3 | type));
}

std::string Varint(uint64_t number) {
  std::string bytes;
  for (; number >= 128; number >>= 7) bytes += static_cast<char>(number | 128);
  return bytes + static_cast<char>(number);
}

std::string Message(int field, const std::string& bytes) {
  return Key(field, kBytes) + Varint(bytes.size()) + bytes;
}

std::string WallTime() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Key(1, kFixed64) + Encode(std::chrono::duration<double>(now).count());
}

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
  static constexpr auto kTable = CrcTable();
  uint32_t crc = ~0u;
  for (const char byte : bytes)
    crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(byte)) & 255];
  return ~crc;
}

Expected<void> ScalarLog::Append(const std::string& tag, int64_t step, double value) {
  if (path_.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    if (failed) return WriteFailure(folder_, failed.value());
    path_ = folder_ / fmt::format("events.out.tfevents.{}.nacre.{}", std::time(nullptr), getpid());
    NACRE_CHECK_OK(AppendToFile(path_, FrameRecord(WallTime() + Message(3, "brain.Event:2"))));
  }
  const std::string scalar = Message(1, tag) + Key(2, kFixed32) + Encode(static_cast<float>(value));
  return AppendToFile(
      path_, FrameRecord(WallTime() + Key(2, kVarint) + Varint(static_cast<uint64_t>(step)) +
                         Message(5, Message(1, scalar))));
}

}  // namespace nacre::store_internal
