#include "data/picture_size.h"

#include <turbojpeg.h>

#include <fstream>
#include <memory>

#include "base/read_file.h"

namespace nacre::data_internal {
namespace {

constexpr size_t kBeginning = 65536;  // bytes

uint32_t BigEndian(std::string_view bytes) {
  uint32_t number = 0;
  for (const char byte : bytes.substr(0, 4)) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

}  // namespace

Expected<PictureSize> SizeOfPicture(std::string_view bytes) {
  // PNG's signature, and its first chunk: length, IHDR, width, height.
  constexpr std::string_view png("\x89PNG\r\n\x1a\n", 8);
  constexpr size_t width_at = 16, height_at = 20, end = 24;
  PictureSize size;
  if (bytes.substr(0, png.size()) == png && bytes.size() >= end) {
    size = {BigEndian(bytes.substr(width_at)), BigEndian(bytes.substr(height_at))};
  } else {
    const std::unique_ptr<void, int (*)(tjhandle)> handle(tjInitDecompress(), tjDestroy);
    int width = 0, height = 0, sampling = 0, colors = 0;
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    if (tjDecompressHeader3(handle.get(), data, bytes.size(), &width, &height, &sampling,
                            &colors) != 0)
      return Fail(ErrorKind::kData, "is not a readable JPEG or PNG");
    size = {width, height};
  }
  if (size.width <= 0 || size.height <= 0) return Fail(ErrorKind::kData, "has no pixels");
  return size;
}

Expected<PictureSize> SizeOfPictureFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(ErrorKind::kData, "cannot be opened");
  std::string beginning(kBeginning, '\0');
  file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  beginning.resize(static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  auto size = SizeOfPicture(beginning);
  if (size || beginning.size() < kBeginning) return size;
  NACRE_TRY(const std::string bytes, ReadWholeFile(path));
  return SizeOfPicture(bytes);
}

}  // namespace nacre::data_internal
