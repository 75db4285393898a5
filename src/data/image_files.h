// Images that are decoded from their files whenever they are read.
// Private to data/. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "data/folder_listing.h"
#include "data/image_source.h"
#include "data/orientation.h"
#include "data/preprocess.h"

namespace nacre::data_internal {

struct DecodeOptions {
  Preprocess preprocess;  // with height and width set
  Orientation orientation = Orientation::kExif;
  // A file that cannot be decoded shows the next image of its class in its place, so that a set too
  // large to be looked through before it is used can be trained on. Otherwise it is an error.
  bool replace_broken = false;
  double most_broken = 0.05;  // a larger share of replaced files is an error
};

class FileImages final : public ImageSource {
 public:
  FileImages(std::vector<ListedFile> files, DecodeOptions options);

  int64_t count() const override { return static_cast<int64_t>(files_.size()); }
  int64_t image_bytes() const override;
  std::string File(int64_t image) const override { return At(image).path; }

  int64_t turned() const { return turned_; }    // decodings of photographs that lie on a side
  int64_t clipped() const { return clipped_; }  // decodings of grey pictures of 16 bits

 private:
  const ListedFile& At(int64_t image) const { return files_.at(static_cast<size_t>(image)); }
  Expected<void> DoRead(int64_t image, std::span<uint8_t> out) const override;
  Expected<void> Decode(const ListedFile& file, std::span<uint8_t> out) const;
  Expected<void> Replace(int64_t image, const std::string& reason, std::span<uint8_t> out) const;
  // Error when the file is not the one that was listed.
  Expected<void> CheckUnchanged(const ListedFile& file) const;

  const std::vector<ListedFile> files_;
  const DecodeOptions options_;
  mutable std::atomic<int64_t> turned_ = 0, clipped_ = 0;
  mutable std::vector<std::atomic<bool>> broken_;  // [count]: replaced once already
  mutable std::atomic<int64_t> replaced_ = 0;      // files, not readings
};

}  // namespace nacre::data_internal
