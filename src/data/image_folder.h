// ImageFolder: <root>/<class>/<image>.{jpg,jpeg,png}, classes in alphabetical order of the folder
// names. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/units.h"
#include "data/image_set.h"
#include "data/orientation.h"

namespace nacre {

struct LoadReport {
  int64_t loaded = 0;
  std::vector<std::string> broken;   // "path: reason" of files that could not be decoded, by path
  std::vector<std::string> missing;  // of LoadOptions::classes, those without a folder
  std::vector<std::string> links;    // to what is in the folder already; they do not count
  int64_t turned = 0;                // images whose EXIF data say that they lie on a side
  int64_t clipped = 0;               // grey images of 16 bits: values above 255 are white
  bool on_demand = false;            // not looked through
  int64_t held = 0;                  // images that memory holds
};

// What tells a set from another: the list of its files with sizes and times, or its pixels, for
// which every file is decoded.
enum class DataHash { kList, kContent };

struct LoadOptions {
  Preprocess preprocess;         // with height and width set (std::logic_error otherwise)
  int64_t expected_classes = 0;  // 0: any number; without labels it says nothing
  // Those whose order gives the labels: this set may lack some, and may not have others. Empty: its
  // own.
  std::vector<std::string> classes;
  std::string classes_of = "the training images";  // where they are from, for messages
  bool unlabelled = false;  // any files in any folders: all get the class kUnlabelled
  Orientation orientation = Orientation::kExif;  // of photographs that lie on a side
  int64_t least_images = 1;                      // fewer is an error
  double most_broken = 0.05;                     // a larger share of broken files is an error
  // A larger set is cut down to so many images, balanced over the classes; 0: all of them.
  int64_t most_images = 0;
  uint64_t seed = 0;  // of which images those are
  // Decoded images that are kept; the others are decoded whenever they are read. 0: a third of the
  // memory that is free.
  Bytes most_memory{0};
  // A set that does not fit in there, or has more than 1 GiB, is not looked through before it is
  // used: a broken file shows another image of its class, and is not in the report. Otherwise all
  // files are decoded once, to begin with.
  bool on_demand = false;
  DataHash hash = DataHash::kList;
  std::function<void(double fraction)> progress;  // called on the calling thread only
};

// Name of the one class of images without labels.
inline constexpr char kUnlabelled[] = "unlabelled";

// Every file in a class folder counts: one that is not a JPEG or PNG is broken; names with a
// leading dot are ignored. The order is that of the paths. Files are decoded with all cores, and
// kept as `most_memory` says. Errors (kData) name the folder or file and the remedy: unreadable, no
// class folders, class count other than expected, a class that is not to be, class without an
// image, too few images, too many broken, memory for less than a batch. `report` may be null; it is
// filled in the case of an error too.
Expected<ImageSet> LoadImageFolder(const std::filesystem::path& root, const LoadOptions& options,
                                   LoadReport* report);

struct Split {
  ImageSet train, validation;
};

// Stratified by class, deterministic in `seed`. `fraction` of each class goes to validation (at
// least one image; and at least one stays in train where a class has two or more). Both keep the
// order of `set`.
Split SplitByClass(const ImageSet& set, double fraction, uint64_t seed);

// `count` images (all when there are fewer), balanced over classes, deterministic in `seed`: the
// calibration set. Classes take turns, so that every prefix is balanced too.
ImageSet Sample(const ImageSet& set, int64_t count, uint64_t seed);

}  // namespace nacre
