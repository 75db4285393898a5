#include "data/image_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "base/read_file.h"
#include "data/decode.h"
#include "data/exif.h"
#include "data/fit.h"

namespace nacre::data_internal {
namespace {

tl::unexpected<Error> DataError(std::string message) {
  return Fail(ErrorKind::kData, std::move(message));
}

}  // namespace

FileImages::FileImages(std::vector<ListedFile> files, DecodeOptions options)
    : files_(std::move(files)), options_(std::move(options)), broken_(files_.size()) {}

int64_t FileImages::image_bytes() const {
  const Preprocess& p = options_.preprocess;
  return p.channels() * p.height * p.width;
}

Expected<void> FileImages::CheckUnchanged(const ListedFile& file) const {
  const auto now = StatFile(file.path);
  if (!now && file.modified == 0)
    return DataError(fmt::format("{}: a link that leads nowhere", file.path));
  if (!now) {
    return DataError(fmt::format(
        "{} has vanished since the images were listed: put it back and go on", file.path));
  }
  if (now->size == file.size && now->modified == file.modified) return {};
  return DataError(fmt::format(
      "{} has changed since the images were listed: put the former file back (with its time) and "
      "go on, or begin anew with the images as they are now",
      file.path));
}

Expected<void> FileImages::Decode(const ListedFile& file, std::span<uint8_t> out) const {
  NACRE_TRY(const std::string bytes, ReadWholeFile(file.path));
  NACRE_TRY(Picture picture, DecodePicture(bytes));
  if (picture.clipped) ++clipped_;
  const int orientation = ExifOrientation(bytes);
  if (orientation != 1) ++turned_;
  if (options_.orientation == Orientation::kExif)
    picture = Upright(std::move(picture), orientation);
  const std::vector<uint8_t> fitted = FitPicture(picture, options_.preprocess);
  std::memcpy(out.data(), fitted.data(), out.size());
  return {};
}

Expected<void> FileImages::DoRead(int64_t image, std::span<uint8_t> out) const {
  const ListedFile& file = At(image);
  NACRE_CHECK_OK(CheckUnchanged(file));
  auto decoded = Decode(file, out);
  if (decoded) return {};
  if (options_.replace_broken) return Replace(image, decoded.error().message, out);
  return DataError(fmt::format("{}: {}", file.path, decoded.error().message));
}

Expected<void> FileImages::Replace(int64_t image, const std::string& reason,
                                   std::span<uint8_t> out) const {
  const ListedFile& file = At(image);
  if (!broken_[static_cast<size_t>(image)].exchange(true)) {
    const int64_t replaced = ++replaced_;
    if (replaced == 1) {
      Warn(
          fmt::format("{} cannot be decoded ({}): another image of its class takes its place, and "
                      "so with the next ones",
                      file.path, reason));
    }
    if (static_cast<double>(replaced) > options_.most_broken * static_cast<double>(count())) {
      return DataError(
          fmt::format("{} of {} images could not be decoded (last: {}: {}): remove or "
                      "replace them",
                      replaced, count(), file.path, reason));
    }
  }
  for (int64_t step = 1; step < count(); ++step) {
    const ListedFile& other = At((image + step) % count());
    if (other.label == file.label && Decode(other, out)) return {};
  }
  return DataError(fmt::format("{}: {}; and no other image of its class can be decoded: add images",
                               file.path, reason));
}

}  // namespace nacre::data_internal
