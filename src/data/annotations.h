// What a file of annotations says, before it is held against the images. The forms that exist
// (data/coco.h, data/voc.h) are read into this one. Values. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/expected.h"
#include "data/box.h"

namespace nacre {

struct ObjectClass {
  int64_t id = 0;  // as in the file: need not begin at 0 or 1, nor be without gaps
  std::string name;
  friend bool operator==(const ObjectClass&, const ObjectClass&) = default;
};

struct AnnotatedImage {
  int64_t id = 0;
  std::string path;               // of its file, which need not exist
  int64_t width = 0, height = 0;  // pixels, as the annotations say; 0: they say nothing
};

struct AnnotatedObject {
  int64_t id = 0;
  int64_t image = 0, category = 0;  // ids, which need not exist
  Box box;                          // pixels of the image's file; finite
  // Pixels: of the object's outline where the file has it, else of the box. Decides only whether
  // the object counts as small, medium or large.
  double area = 0;
  bool crowd = false;      // COCO: a group, which any number of detections may match unpunished
  bool difficult = false;  // VOC: neither asked for nor punished
};

struct Annotations {
  std::string form;    // "COCO" or "Pascal VOC"
  std::string source;  // the file or folder, for messages
  std::vector<ObjectClass> classes;
  std::vector<AnnotatedImage> images;
  std::vector<AnnotatedObject> objects;
  std::string hash;  // of the bytes of all files of annotations
};

// Recognises the form by what lies at `path`:
//   FILE.json               COCO; images in images/ beside it, in a folder that the file's name
//                           names (annotations/instances_val2017.json: val2017/), or beside it
//   a folder with one *.json file           the same
//   a folder with Annotations/*.xml         Pascal VOC; images in JPEGImages/
//   ImageSets/Main/LIST.txt inside of one   Pascal VOC, the images of that list
// Errors (kData) name file, entry and remedy: unreadable, in no known form, wrong types, missing
// keys, numbers that are not finite, paths that leave the folder of the images. No path in the
// annotations is followed out of that folder, and no entity or document type is fetched.
Expected<Annotations> ReadAnnotations(const std::filesystem::path& path);

}  // namespace nacre
