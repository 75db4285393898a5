#include "data/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "base/hash.h"
#include "data/cached_images.h"
#include "data/folder_listing.h"
#include "data/free_memory.h"
#include "data/image_files.h"
#include "data/look_through.h"

namespace nacre {

using namespace data_internal;

namespace {

namespace fs = std::filesystem;

constexpr Bytes kLookedThrough{int64_t{1} << 30};  // decoded; a guess: a minute's work
constexpr int64_t kLeastHeld = 64;  // images, so that a batch is not decoded over and over

tl::unexpected<Error> DataError(std::string message) {
  return Fail(ErrorKind::kData, std::move(message));
}

// What decoded images may take.
Expected<Bytes> MemoryFor(const LoadOptions& options, int64_t images, int64_t image_bytes) {
  Bytes most = options.most_memory;
  if (most.count == 0) most = {FreeMemory().value_or(Bytes{int64_t{1} << 30}).count / 3};
  const int64_t batch = std::min(images, kLeastHeld), least = batch * image_bytes;
  if (most.count >= least) return most;
  return DataError(fmt::format(
      "decoded images may take {} KiB of memory, but a batch of {} images of {} bytes takes {} "
      "KiB: give more (--data-memory) or free some",
      most.count >> 10, batch, image_bytes, least >> 10));
}

// The images of the set that can be read.
ImageSet Readable(const ImageSet& set, const LoadOptions& options, LoadReport& report) {
  std::vector<std::string> reasons = LookThrough(set, options.progress);
  std::vector<int64_t> good;
  for (size_t i = 0; i < reasons.size(); ++i) {
    if (reasons[i].empty())
      good.push_back(static_cast<int64_t>(i));
    else
      report.broken.push_back(std::move(reasons[i]));
  }
  return report.broken.empty() ? set : set.Subset(good);
}

// Gives the listing the labels of `classes`; says which of them it lacks.
Expected<std::vector<std::string>> Relabel(const fs::path& root, const LoadOptions& options,
                                           FolderListing& listing) {
  const std::vector<std::string>& classes = options.classes;
  std::vector<int> labels;  // by the listing's own
  for (const std::string& name : listing.classes) {
    const auto found = std::find(classes.begin(), classes.end(), name);
    if (found == classes.end()) {
      return DataError(fmt::format(
          "class folder {} is not among the {} classes of {}: rename it or take it away",
          (root / name).string(), classes.size(), options.classes_of));
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

Expected<FolderListing> List(const fs::path& root, const LoadOptions& options, LoadReport& report) {
  NACRE_TRY(FolderListing listing, options.unlabelled ? ListFiles(root) : ListImageFolder(root));
  report.links = std::move(listing.links);
  if (!options.classes.empty()) {
    NACRE_TRY(report.missing, Relabel(root, options, listing));
  }
  const int64_t classes = static_cast<int64_t>(listing.classes.size());
  if (options.unlabelled || options.expected_classes == 0 || classes == options.expected_classes)
    return listing;
  if (!options.classes.empty()) {
    return DataError(
        fmt::format("the model has {} outputs but {} has {} classes: name a class for "
                    "each output",
                    options.expected_classes, options.classes_of, classes));
  }
  return DataError(
      fmt::format("the model has {} outputs but {} has {} class folders: give the data the "
                  "model was trained on",
                  options.expected_classes, root.string(), classes));
}

// Of what a listing shows: names, sizes and times.
std::string ListHash(const fs::path& root, const ImageSet& set, const FolderListing& listing,
                     Orientation orientation) {
  const size_t prefix = root.native().size();
  std::string text;
  for (const ListedFile& file : listing.files)
    text += fmt::format("{}\n{} {}\n", file.path.substr(prefix), file.size, file.modified);
  return Hasher()
      .Add("list")
      .Add(DescriptionHash(set))
      .Add(OrientationName(orientation))
      .Add(HashBytes(text))
      .Digest();
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
  std::vector<bool> seen(set.classes.size());
  for (const int label : set.labels) seen[static_cast<size_t>(label)] = true;
  for (size_t label = 0; label < seen.size(); ++label) {
    if (seen[label] || std::find(report.missing.begin(), report.missing.end(),
                                 set.classes[label]) != report.missing.end())
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
  const Preprocess& preprocess = options.preprocess;
  if (preprocess.height <= 0 || preprocess.width <= 0)
    throw std::logic_error("LoadImageFolder: image size not set");
  LoadReport unwanted;
  LoadReport& filled = report ? *report : unwanted;
  filled = {};
  NACRE_CHECK_OK(CheckPreprocess(preprocess));
  NACRE_TRY(FolderListing listing, List(root, options, filled));
  ImageSet set{.preprocess = preprocess, .channels = preprocess.channels()};
  set.classes = listing.classes;
  for (const ListedFile& file : listing.files) set.labels.push_back(file.label);
  set.hash = ListHash(root, set, listing, options.orientation);
  NACRE_TRY(const Bytes memory, MemoryFor(options, set.count(), set.image_bytes()));
  const auto capped = [&](int64_t count) {
    return options.most_images > 0 ? std::min(count, options.most_images) : count;
  };
  const Bytes decoded{capped(set.count()) * set.image_bytes()};
  const bool all = !options.on_demand || decoded <= std::min(memory, kLookedThrough);
  const auto files = std::make_shared<const FileImages>(
      std::move(listing.files), DecodeOptions{.preprocess = preprocess,
                                              .orientation = options.orientation,
                                              .replace_broken = !all,
                                              .most_broken = options.most_broken});
  set.source = Cached(files, memory);
  if (capped(set.count()) < set.count()) set = Sample(set, options.most_images, options.seed);
  if (all) set = Readable(set, options, filled);
  filled.loaded = set.count();
  filled.turned = files->turned();
  filled.clipped = files->clipped();
  filled.on_demand = !all;
  filled.held = std::min(set.count(), memory.count / set.image_bytes());
  NACRE_CHECK_OK(CheckLoaded(root, options, set, filled));
  if (options.hash == DataHash::kContent) {
    NACRE_TRY(set.hash, ContentHash(set));
  }
  return set;
}

}  // namespace nacre
