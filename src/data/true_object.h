// An object that is in an image, as its annotations say. Thread-safe.
#pragma once

#include "data/box.h"

namespace nacre {

struct TrueObject {
  int label = 0;  // index into the set's classes
  Box box;        // pixels of the image's file
  // Pixels, of the outline where it is known. Decides only whether the object is small, medium or
  // large.
  double area = 0;
  bool crowd = false;      // a group, which any number of detections may match unpunished
  bool difficult = false;  // neither asked for nor punished
};

}  // namespace nacre
