// Pascal VOC's form of annotations: a folder with Annotations/NAME.xml, JPEGImages/NAME.jpg and
// lists of names in ImageSets/Main/ (VOC2012 development kit, section 3).
// Private to data/. Thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/annotations.h"

namespace nacre::data_internal {

// What one XML file says. VOC counts pixels from 1, and the last one belongs to the box; the boxes
// are those that Box means: xmin 1 is 0, and xmax stays.
struct VocImage {
  int64_t width = 0, height = 0;  // 0: not said
  struct Named {
    std::string name;
    AnnotatedObject object;  // without ids
  };
  std::vector<Named> objects;
};

// `file` is named in errors. No entity of a document type is expanded, none is fetched.
Expected<VocImage> ParseVoc(std::string_view xml, const std::string& file);

// `root` holds Annotations/. `list` is a file with one name a line; without it all annotations
// count. A name's image is the file of that name in JPEGImages/; <filename> and <path> are not
// read. Classes are those of all annotations, whatever the list, so that lists of one folder agree:
// in alphabetical order, with ids from 1. Images are in the order of their names; one
// that a list names twice counts once.
Expected<Annotations> ReadVoc(const std::filesystem::path& root,
                              const std::optional<std::filesystem::path>& list);

}  // namespace nacre::data_internal
