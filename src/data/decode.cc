#include "data/decode.h"

#include <fmt/format.h>
#include <turbojpeg.h>

#include <memory>
#include <string>

#include "data/decode_png.h"

namespace nacre::data_internal {
namespace {

constexpr int64_t kMostPixels = 100'000'000;

tl::unexpected<Error> DecodeError(std::string reason) {
  return Fail(ErrorKind::kData, std::move(reason));
}

// Adobe writes CMYK inverted, and everybody else does so too by now: 255 is no ink. The arithmetic
// is Pillow's (Convert.c, cmyk2rgb), so that the values are.
void CmykToRgb(const std::vector<uint8_t>& cmyk, std::vector<uint8_t>& rgb) {
  for (size_t i = 0; i * 4 < cmyk.size(); ++i) {
    const int white = cmyk[i * 4 + 3];
    for (size_t c = 0; c < 3; ++c) {
      const int product = (255 - cmyk[i * 4 + c]) * white + 128;
      rgb[i * 3 + c] = static_cast<uint8_t>(white - (((product >> 8) + product) >> 8));
    }
  }
}

// A warning is tolerable (stray bytes between segments are common), unless data are missing. The
// library tells the two apart only in the text: "Premature end of JPEG file".
bool IsFatal(tjhandle handle) {
  if (tjGetErrorCode(handle) != TJERR_WARNING) return true;
  const std::string_view text = tjGetErrorStr2(handle);
  return text.find("remature end") != std::string_view::npos;
}

// Decodes the whole picture into `pixels`, in `format`.
Expected<void> Decompress(tjhandle handle, std::string_view bytes, int format, const Picture& size,
                          std::vector<uint8_t>& pixels) {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const int failed =
      tjDecompress2(handle, data, bytes.size(), pixels.data(), static_cast<int>(size.width), 0,
                    static_cast<int>(size.height), format, TJFLAG_ACCURATEDCT);
  if (failed == 0 || !IsFatal(handle)) return {};
  return DecodeError(fmt::format("damaged JPEG: {}", tjGetErrorStr2(handle)));
}

Expected<Picture> DecodeJpeg(std::string_view bytes) {
  const std::unique_ptr<void, int (*)(tjhandle)> handle(tjInitDecompress(), tjDestroy);
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, sampling = 0, colors = 0;
  if (tjDecompressHeader3(handle.get(), data, bytes.size(), &width, &height, &sampling, &colors) !=
      0) {
    return DecodeError(fmt::format("not a readable JPEG: {}", tjGetErrorStr2(handle.get())));
  }
  NACRE_TRY(Picture picture, MakePicture(height, width));
  if (colors != TJCS_CMYK && colors != TJCS_YCCK) {
    NACRE_CHECK_OK(Decompress(handle.get(), bytes, TJPF_RGB, picture, picture.pixels));
    return picture;
  }
  std::vector<uint8_t> cmyk(picture.pixels.size() / 3 * 4);
  NACRE_CHECK_OK(Decompress(handle.get(), bytes, TJPF_CMYK, picture, cmyk));
  CmykToRgb(cmyk, picture.pixels);
  return picture;
}

}  // namespace

Expected<Picture> MakePicture(int64_t height, int64_t width) {
  if (height <= 0 || width <= 0) return DecodeError("has no pixels");
  if (height * width > kMostPixels) {
    return DecodeError(fmt::format("is {} x {}: more than 100 megapixels", width, height));
  }
  Picture picture{.height = height, .width = width};
  picture.pixels.resize(static_cast<size_t>(height * width * 3));
  return picture;
}

Expected<Picture> DecodePicture(std::string_view bytes) {
  if (bytes.empty()) return DecodeError("empty file");
  if (bytes.starts_with("\xff\xd8\xff")) return DecodeJpeg(bytes);
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return DecodePng(bytes);
  return DecodeError("neither JPEG nor PNG");
}

}  // namespace nacre::data_internal
