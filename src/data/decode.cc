#include "data/decode.h"

#include <fmt/format.h>
#include <png.h>
#include <turbojpeg.h>

#include <cstring>
#include <memory>
#include <string>

namespace nacre {
namespace {

constexpr int64_t kMostPixels = 100'000'000;

tl::unexpected<Error> Broken(std::string reason) {
  return Fail(ErrorKind::kData, std::move(reason));
}

Expected<Picture> Blank(int64_t height, int64_t width) {
  if (height <= 0 || width <= 0) return Broken("has no pixels");
  if (height * width > kMostPixels) {
    return Broken(fmt::format("is {} x {}: more than 100 megapixels", width, height));
  }
  Picture picture{height, width, {}};
  picture.pixels.resize(static_cast<size_t>(height * width * 3));
  return picture;
}

// Adobe writes CMYK inverted, and so do all others by now: 255 is no ink.
void CmykToRgb(const std::vector<uint8_t>& cmyk, std::vector<uint8_t>& rgb) {
  for (size_t i = 0; i * 4 < cmyk.size(); ++i) {
    for (size_t c = 0; c < 3; ++c) {
      rgb[i * 3 + c] = static_cast<uint8_t>(cmyk[i * 4 + c] * cmyk[i * 4 + 3] / 255);
    }
  }
}

// A warning is tolerable (stray bytes between segments are common), missing data are not.
bool IsFatal(tjhandle handle) {
  if (tjGetErrorCode(handle) != TJERR_WARNING) return true;
  const std::string_view text = tjGetErrorStr2(handle);
  return text.find("remature end") != std::string_view::npos;
}

Expected<Picture> DecodeJpeg(std::string_view bytes) {
  const std::unique_ptr<void, int (*)(tjhandle)> handle(tjInitDecompress(), tjDestroy);
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, sampling = 0, colors = 0;
  if (tjDecompressHeader3(handle.get(), data, bytes.size(), &width, &height, &sampling, &colors) !=
      0) {
    return Broken(fmt::format("not a readable JPEG: {}", tjGetErrorStr2(handle.get())));
  }
  NACRE_TRY(Picture picture, Blank(height, width));
  const bool is_cmyk = colors == TJCS_CMYK || colors == TJCS_YCCK;
  std::vector<uint8_t> cmyk(is_cmyk ? static_cast<size_t>(width) * static_cast<size_t>(height) * 4
                                    : 0);
  const int failed =
      tjDecompress2(handle.get(), data, bytes.size(), is_cmyk ? cmyk.data() : picture.pixels.data(),
                    width, 0, height, is_cmyk ? TJPF_CMYK : TJPF_RGB, TJFLAG_ACCURATEDCT);
  if (failed != 0 && IsFatal(handle.get())) {
    return Broken(fmt::format("damaged JPEG: {}", tjGetErrorStr2(handle.get())));
  }
  if (is_cmyk) CmykToRgb(cmyk, picture.pixels);
  return picture;
}

Expected<Picture> DecodePng(std::string_view bytes) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, void (*)(png_image*)> owner(&image, png_image_free);
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) {
    return Broken(fmt::format("not a readable PNG: {}", image.message));
  }
  NACRE_TRY(Picture picture, Blank(image.height, image.width));
  image.format = PNG_FORMAT_RGBA;
  std::vector<uint8_t> rgba(PNG_IMAGE_SIZE(image));
  if (!png_image_finish_read(&image, nullptr, rgba.data(), 0, nullptr)) {
    return Broken(fmt::format("damaged PNG: {}", image.message));
  }
  for (size_t i = 0; i * 4 < rgba.size(); ++i) {
    std::memcpy(picture.pixels.data() + i * 3, rgba.data() + i * 4, 3);
  }
  return picture;
}

}  // namespace

Expected<Picture> DecodePicture(std::string_view bytes) {
  if (bytes.empty()) return Broken("empty file");
  if (bytes.starts_with("\xff\xd8\xff")) return DecodeJpeg(bytes);
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return DecodePng(bytes);
  return Broken("neither JPEG nor PNG");
}

}  // namespace nacre
