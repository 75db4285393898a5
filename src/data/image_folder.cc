#include "data/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "data/decode.h"
#include "data/exif.h"
#include "data/fit.h"
#include "data/folder_listing.h"
#include "data/free_memory.h"

namespace nacre {

using namespace data_internal;

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> DataError(std::string message) {
  return Fail(ErrorKind::kData, std::move(message));
}

Expected<void> CheckMemory(const fs::path& root, const LoadOptions& options, int64_t images,
                           int64_t image_bytes) {
  int64_t most = options.most_memory.count;
  if (most == 0) {
    const auto free = FreeMemory();
    if (!free) return {};
    most = free->count / 10 * 8;
  }
  const int64_t needed = images * image_bytes;
  if (needed <= most) return {};
  return DataError(
      fmt::format("{} needs {} MiB decoded ({} images of {} bytes), but {} MiB can be used: take "
                  "fewer images or a machine with more memory",
                  root.string(), needed >> 20, images, image_bytes, most >> 20));
}

// Decodes files[i] into its place in `pixels`; reasons[i] says why that failed.
class ParallelDecoder {
 public:
  ParallelDecoder(const std::vector<ListedFile>& files, const LoadOptions& options,
                  size_t image_bytes)
      : files_(files), options_(options), image_bytes_(image_bytes) {
    pixels_.resize(files.size() * image_bytes);
    reasons_.resize(files.size());
  }

  void Run(const std::function<void(double)>& progress) {
    const size_t cores = std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::jthread> helpers;
    for (size_t i = 1; i < std::min(cores, files_.size()); ++i) {
      helpers.emplace_back([this] {
        while (DecodeNext()) {
        }
      });
    }
    const size_t interval = files_.size() / 100 + 1;
    for (size_t reported = 0; DecodeNext();) {
      const size_t done = std::min(next_.load(), files_.size());
      if (!progress || done < reported + interval) continue;
      reported = done;
      progress(static_cast<double>(done) / static_cast<double>(files_.size()));
    }
    helpers.clear();
    if (progress) progress(1.0);
  }

  std::vector<uint8_t>& pixels() { return pixels_; }
  const std::vector<std::string>& reasons() const { return reasons_; }
  int64_t turned() const { return turned_; }

 private:
  bool DecodeNext() {
    const size_t i = next_.fetch_add(1);
    if (i >= files_.size()) return false;
    try {
      if (auto failure = Decode(i); !failure) reasons_[i] = failure.error().message;
    } catch (const std::bad_alloc&) {
      reasons_[i] = "not enough memory to decode it";
    }
    return true;
  }

  Expected<void> Decode(size_t i) {
    NACRE_TRY(const std::string bytes, ReadWholeFile(files_[i].path));
    NACRE_TRY(Picture picture, DecodePicture(bytes));
    const int orientation = ExifOrientation(bytes);
    if (orientation != 1) ++turned_;
    if (options_.orientation == Orientation::kExif)
      picture = Upright(std::move(picture), orientation);
    const std::vector<uint8_t> fitted = FitPicture(picture, options_.preprocess);
    std::memcpy(pixels_.data() + i * image_bytes_, fitted.data(), image_bytes_);
    return {};
  }

  const std::vector<ListedFile>& files_;
  const LoadOptions& options_;
  const size_t image_bytes_;
  std::vector<uint8_t> pixels_;
  std::vector<std::string> reasons_;  // empty: decoded
  std::atomic<size_t> next_ = 0;
  std::atomic<int64_t> turned_ = 0;
};

// Closes the gaps that broken files left between the decoded images, and labels the images.
void Collect(const FolderListing& listing, ParallelDecoder& decoder, ImageSet& set,
             LoadReport& report) {
  const size_t size = static_cast<size_t>(set.image_bytes());
  set.pixels = std::move(decoder.pixels());
  for (size_t i = 0; i < listing.files.size(); ++i) {
    const std::string& reason = decoder.reasons()[i];
    if (!reason.empty()) {
      report.broken.push_back(fmt::format("{}: {}", listing.files[i].path.string(), reason));
      continue;
    }
    const size_t place = set.labels.size();
    if (place != i) std::memcpy(&set.pixels[place * size], &set.pixels[i * size], size);
    set.labels.push_back(listing.files[i].label);
  }
  set.pixels.resize(set.labels.size() * size);
  report.loaded = set.count();
}

// Gives the listing the labels of `classes`; says which of them it lacks.
Expected<std::vector<std::string>> Relabel(const fs::path& root,
                                           const std::vector<std::string>& classes,
                                           FolderListing& listing) {
  std::vector<int> labels;  // by the listing's own
  for (const std::string& name : listing.classes) {
    const auto found = std::find(classes.begin(), classes.end(), name);
    if (found == classes.end()) {
      return DataError(
          fmt::format("class folder {} is not among the {} classes of the training "
                      "images: rename it or take it away",
                      (root / name).string(), classes.size()));
    }
    labels.push_back(static_cast<int>(found - classes.begin()));
  }
  for (ListedFile& file : listing.files) file.label = labels[static_cast<size_t>(file.label)];
  std::vector<std::string> missing;
  std::copy_if(classes.begin(), classes.end(), std::back_inserter(missing),
               [&](const std::string& name) {
                 return std::find(listing.classes.begin(), listing.classes.end(), name) ==
                        listing.classes.end();
               });
  listing.classes = classes;
  return missing;
}

Expected<void> CheckLoaded(const fs::path& root, const LoadOptions& options, const ImageSet& set,
                           const LoadReport& report) {
  const size_t total = report.broken.size() + set.labels.size();
  if (static_cast<double>(report.broken.size()) >
      options.most_broken * static_cast<double>(total)) {
    return DataError(
        fmt::format("{} of {} files in {} could not be decoded (first: {}): remove or replace "
                    "them",
                    report.broken.size(), total, root.string(), report.broken.front()));
  }
  if (set.count() < options.least_images) {
    return DataError(fmt::format("{} has {} images, but at least {} are needed: add images",
                                 root.string(), set.count(), options.least_images));
  }
  for (size_t label = 0; label < set.classes.size(); ++label) {
    const bool missing = std::find(report.missing.begin(), report.missing.end(),
                                   set.classes[label]) != report.missing.end();
    if (missing || std::find(set.labels.begin(), set.labels.end(), static_cast<int>(label)) !=
                       set.labels.end())
      continue;
    return DataError(
        fmt::format("class folder {} has no readable image: add images or remove the folder",
                    (root / set.classes[label]).string()));
  }
  return {};
}

}  // namespace

Expected<ImageSet> LoadImageFolder(const fs::path& root, const LoadOptions& options,
                                   LoadReport* report) {
  if (options.preprocess.height <= 0 || options.preprocess.width <= 0) {
    throw std::logic_error("LoadImageFolder: image size not set");
  }
  LoadReport unwanted;
  LoadReport& filled = report ? *report : unwanted;
  filled = {};
  NACRE_CHECK_OK(CheckPreprocess(options.preprocess));
  NACRE_TRY(FolderListing listing, options.unlabelled ? ListFiles(root) : ListImageFolder(root));
  if (!options.classes.empty()) {
    NACRE_TRY(filled.missing, Relabel(root, options.classes, listing));
  }
  const int64_t classes = static_cast<int64_t>(listing.classes.size());
  if (!options.unlabelled && options.expected_classes > 0 && classes != options.expected_classes) {
    return DataError(
        fmt::format("the model has {} outputs but {} has {} class folders: give the data the "
                    "model was trained on",
                    options.expected_classes, root.string(), classes));
  }
  ImageSet set;
  set.preprocess = options.preprocess;
  set.channels = options.preprocess.channels();
  set.classes = listing.classes;
  NACRE_CHECK_OK(
      CheckMemory(root, options, static_cast<int64_t>(listing.files.size()), set.image_bytes()));
  ParallelDecoder decoder(listing.files, options, static_cast<size_t>(set.image_bytes()));
  decoder.Run(options.progress);
  filled.turned = decoder.turned();
  Collect(listing, decoder, set, filled);
  NACRE_CHECK_OK(CheckLoaded(root, options, set, filled));
  set.hash = ContentHash(set);
  return set;
}

}  // namespace nacre
