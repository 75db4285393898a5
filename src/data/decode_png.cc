#include "data/decode_png.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <string>
#include <vector>

namespace nacre::data_internal {
namespace {

// What libpng reads from and what it says. Nothing in here or in a frame between setjmp and longjmp
// has a destructor that a longjmp would pass by.
struct Reading {
  std::string_view left;
  char reason[128] = {};
  png_structp png = nullptr;
  png_infop info = nullptr;

  ~Reading() { png_destroy_read_struct(&png, &info, nullptr); }
};

void TakeBytes(png_structp png, png_bytep to, png_size_t count) {
  auto* reading = static_cast<Reading*>(png_get_io_ptr(png));
  if (count > reading->left.size()) png_error(png, "the file ends too early");
  std::memcpy(to, reading->left.data(), count);
  reading->left.remove_prefix(count);
}

[[noreturn]] void Stop(png_structp png, png_const_charp reason) {
  auto* reading = static_cast<Reading*>(png_get_error_ptr(png));
  std::strncpy(reading->reason, reason, sizeof reading->reason - 1);
  png_longjmp(png, 1);
}

void PassOver(png_structp /*png*/, png_const_charp /*warning*/) {}

bool IsDeepGrey(const Reading& reading) {
  return png_get_color_type(reading.png, reading.info) == PNG_COLOR_TYPE_GRAY &&
         png_get_bit_depth(reading.png, reading.info) == 16;
}

// False: `reason` says why.
bool ReadHeader(Reading& reading) {
  if (setjmp(png_jmpbuf(reading.png))) return false;
  png_set_read_fn(reading.png, &reading, TakeBytes);
  png_set_user_limits(reading.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_read_info(reading.png, reading.info);
  return true;
}

// Rows of 8-bit RGB; deep grey keeps its 16 bits.
bool ReadRows(Reading& reading, uint8_t** rows) {
  if (setjmp(png_jmpbuf(reading.png))) return false;
  if (!IsDeepGrey(reading)) {
    png_set_expand(reading.png);
    png_set_strip_16(reading.png);
    png_set_strip_alpha(reading.png);
    png_set_gray_to_rgb(reading.png);
  }
  png_set_interlace_handling(reading.png);
  png_read_update_info(reading.png, reading.info);
  png_read_image(reading.png, rows);
  return true;
}

std::vector<uint8_t*> RowsOf(std::vector<uint8_t>& bytes, int64_t rows) {
  std::vector<uint8_t*> starts;
  const int64_t size = static_cast<int64_t>(bytes.size()) / rows;
  for (int64_t y = 0; y < rows; ++y) starts.push_back(bytes.data() + y * size);
  return starts;
}

// Big-endian samples of 16 bits.
void ClipGrey(const std::vector<uint8_t>& samples, std::vector<uint8_t>& rgb) {
  for (size_t i = 0; 2 * i < samples.size(); ++i)
    std::fill_n(rgb.begin() + 3 * i, 3, samples[2 * i] > 0 ? uint8_t{255} : samples[2 * i + 1]);
}

tl::unexpected<Error> Damaged(const char* what, const Reading& reading) {
  return Fail(ErrorKind::kData, fmt::format("{} PNG: {}", what, reading.reason));
}

}  // namespace

Expected<Picture> DecodePng(std::string_view bytes) {
  Reading reading{.left = bytes};
  reading.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, Stop, PassOver);
  if (reading.png) reading.info = png_create_info_struct(reading.png);
  if (!reading.info) return Fail(ErrorKind::kData, "not enough memory to read it");
  if (!ReadHeader(reading)) return Damaged("not a readable", reading);
  NACRE_TRY(Picture picture, MakePicture(png_get_image_height(reading.png, reading.info),
                                         png_get_image_width(reading.png, reading.info)));
  picture.clipped = IsDeepGrey(reading);
  std::vector<uint8_t> deep(picture.clipped ? picture.pixels.size() / 3 * 2 : 0);
  std::vector<uint8_t*> rows = RowsOf(picture.clipped ? deep : picture.pixels, picture.height);
  if (!ReadRows(reading, rows.data())) return Damaged("damaged", reading);
  if (picture.clipped) ClipGrey(deep, picture.pixels);
  return picture;
}

}  // namespace nacre::data_internal
