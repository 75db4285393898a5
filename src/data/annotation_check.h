// Holds annotations against the images that they are of. Thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/expected.h"
#include "data/annotations.h"
#include "data/placement.h"
#include "data/true_object.h"

namespace nacre {

// What is done about a problem: nothing but this word, it is put right, what has it is left out, or
// the set is not taken.
enum class Treatment { kKept, kMended, kSkipped, kRefused };
std::string TreatmentName(Treatment treatment);  // "kept", "mended", "skipped" or "refused"

struct AnnotationProblem {
  std::string what;  // "boxes that reach out of their image"
  Treatment treatment = Treatment::kSkipped;
  int64_t count = 0;
  std::vector<std::string> examples;  // the first three
};

// "12 boxes that reach out of their image (mended), for example: ..."
std::string DescribeProblem(const AnnotationProblem& problem);

// An image that stays, with its objects.
struct CheckedImage {
  AnnotatedImage image;  // with the size that the file has
  std::vector<TrueObject> objects;
};

struct CheckedAnnotations {
  std::vector<ObjectClass> classes;  // a label is an index into it
  std::vector<CheckedImage> images;
};

struct CheckOptions {
  // Those whose order gives the labels, by name: the annotations may lack some, and may have
  // objects of no other. Empty: their own, in the order of their ids.
  std::vector<ObjectClass> classes;
  std::string classes_of = "the training images";  // where they are from, for messages
  double most_skipped = 0.05;  // a larger share of images or objects left out is an error
};

// Mended: boxes that reach out of their image (cut), object ids that come again (nothing refers to
// them). Skipped: images without a file, that are no JPEG or PNG, or of another size than the
// annotations say; objects of an image or a class that does not exist; boxes that are empty or
// outside of their image. Refused, which is an error (kData) with a remedy: image or class ids or
// class names that come again; no classes, no image left, classes that are not to be; more skipped
// than `options` allow; class ids that look shifted by one; boxes most of which reach out, so that
// they are not [left, top, width, height] in pixels. `problems` may be null; it is filled in the
// case of an error too.
Expected<CheckedAnnotations> CheckAnnotations(const Annotations& annotations,
                                              const CheckOptions& options,
                                              std::vector<AnnotationProblem>* problems);

}  // namespace nacre
