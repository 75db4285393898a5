#include "data/png_bytes.h"

#include <zlib.h>

#include <algorithm>

namespace nacre {
namespace {

void AppendBigEndian(std::string& to, uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    to.push_back(static_cast<char>(number >> shift & 0xff));
}

const Bytef* Data(const std::string& bytes) { return reinterpret_cast<const Bytef*>(bytes.data()); }

// Length, type, data, checksum of type and data (PNG specification, 5.3).
void AppendChunk(std::string& to, const std::string& type, const std::string& data) {
  AppendBigEndian(to, static_cast<uint32_t>(data.size()));
  const std::string body = type + data;
  to += body;
  AppendBigEndian(to, static_cast<uint32_t>(crc32(0, Data(body), static_cast<uInt>(body.size()))));
}

// A zlib stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4).
std::string StoreUncompressed(const std::string& raw) {
  std::string stream = "\x78\x01";
  constexpr size_t kMostInBlock = 65535;
  for (size_t at = 0; at < raw.size(); at += kMostInBlock) {
    const size_t length = std::min(kMostInBlock, raw.size() - at);
    stream.push_back(at + length == raw.size() ? 1 : 0);
    for (const size_t word : {length, ~length}) {
      stream.push_back(static_cast<char>(word & 0xff));
      stream.push_back(static_cast<char>(word >> 8 & 0xff));
    }
    stream.append(raw, at, length);
  }
  AppendBigEndian(stream,
                  static_cast<uint32_t>(adler32(1, Data(raw), static_cast<uInt>(raw.size()))));
  return stream;
}

}  // namespace

std::string PngBytes(int64_t height, int64_t width, const std::vector<uint8_t>& pixels) {
  std::string header, lines;
  AppendBigEndian(header, static_cast<uint32_t>(width));
  AppendBigEndian(header, static_cast<uint32_t>(height));
  // 8 bits, RGB, the only compression and the only filtering that there are, not interlaced.
  header.append("\x08\x02\0\0\0", 5);
  for (int64_t row = 0; row < height; ++row) {
    lines.push_back(0);  // no filter
    lines.append(reinterpret_cast<const char*>(pixels.data()) + row * width * 3,
                 static_cast<size_t>(width * 3));
  }
  std::string png = "\x89PNG\r\n\x1a\n";
  AppendChunk(png, "IHDR", header);
  AppendChunk(png, "IDAT", StoreUncompressed(lines));
  AppendChunk(png, "IEND", "");
  return png;
}

}  // namespace nacre
