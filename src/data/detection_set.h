// DetectionSet: images with the boxes of the objects in them. A value: copies and subsets share the
// pixels. Concurrent reads are thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/units.h"
#include "data/annotation_check.h"
#include "data/image_set.h"
#include "data/placement.h"
#include "data/true_object.h"

namespace nacre {

struct DetectionSet {
  ImageSet images;                               // all of one class, kUnlabelled
  std::vector<std::vector<TrueObject>> objects;  // [count], in pixels of the images' files
  std::vector<PictureSize> sizes;                // [count], of the images' files
  std::vector<ObjectClass> classes;              // a label is an index into it

  int64_t count() const { return images.count(); }
  // How the boxes of an image get into the network's input, and back.
  Placement PlacementOf(int64_t image) const;
  // Its objects in pixels of the network's input, cut where the input ends; those that lie outside
  // are left out.
  std::vector<TrueObject> ObjectsInInput(int64_t image) const;
  // As ImageSet::Subset, with the objects.
  DetectionSet Subset(const std::vector<int64_t>& indices) const;
};

struct DetectionOptions {
  Preprocess preprocess;  // with height and width set (std::logic_error otherwise)
  CheckOptions check;
  Bytes most_memory{0};     // of decoded images that are kept; 0: a third of what is free
  int64_t most_images = 0;  // a larger set is cut down to so many, chosen by `seed`; 0: all
  uint64_t seed = 0;
  // Every image is decoded once, to begin with: a broken one is a problem then, and an error when
  // it is read otherwise.
  bool look_through = true;
  std::function<void(double fraction)> progress;  // of looking through, on the calling thread
};

struct DetectionReport {
  std::string form;  // "COCO" or "Pascal VOC"
  int64_t images = 0, objects = 0;
  int64_t without_objects = 0;  // images
  std::vector<AnnotationProblem> problems;
};

// Reads what ReadAnnotations recognises at `path`, and holds it against the images as
// CheckAnnotations does. Images keep the order of their ids. They are not turned as EXIF data say:
// boxes are measured in the pixels that the file stores. Errors (kData): those of the two, and too
// many images that cannot be decoded. `report` may be null; it is filled in the case of an error
// too.
Expected<DetectionSet> ReadDetectionSet(const std::filesystem::path& path,
                                        const DetectionOptions& options, DetectionReport* report);

// One sentence for each thing that a person should know about a set that was read.
std::vector<std::string> DetectionNotes(const DetectionReport& report);

// The images of `set` that `other` has as well (SharedImages), which are kept: nothing when there
// are none.
Expected<std::optional<AnnotationProblem>> FindShared(const DetectionSet& set,
                                                      const DetectionSet& other);

struct DetectionSplit {
  DetectionSet train, validation;
};

// `fraction` of the images go to validation, at least one, and at least one stays where there are
// two. Deterministic in `seed`; both keep the order of `set`.
DetectionSplit SplitDetections(const DetectionSet& set, double fraction, uint64_t seed);

}  // namespace nacre
