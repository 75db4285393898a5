// How well boxes that a network found agree with the true ones: average precision as COCO and as
// Pascal VOC define it. All scores are fractions in [0, 1], higher is better; there is none where
// no true object counts. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "data/true_object.h"

namespace nacre {

struct Detection {
  int label = 0;     // index into the set's classes
  double score = 0;  // higher is surer
  Box box;           // pixels of the image's file
};

using Detections = std::vector<std::vector<Detection>>;    // [images]
using TrueObjects = std::vector<std::vector<TrueObject>>;  // [images]

// COCO's twelve figures without those of recall; those of one class, where given.
struct CocoScores {
  std::optional<double> map;    // mean of the average precision at IoU 0.50, 0.55, ..., 0.95
  std::optional<double> map50;  // at IoU 0.50
  std::optional<double> map75;  // at IoU 0.75
  // `map` of objects of at most 32^2 pixels, between, and of at least 96^2.
  std::optional<double> small, medium, large;
  std::vector<std::optional<double>> by_class;  // `map` of each class
};

// Detections held against the truth once, scored as often as wanted. The figures are those of
// pycocotools: precision is interpolated at 101 points of recall, each image has at most 100
// detections of a class, those with the highest scores, the order decides between equal scores, and
// a crowd is matched by what lies inside it. A difficult object is passed over as well. A detection
// whose score or box is NaN is none.
class CocoMatches {
 public:
  // Throws std::logic_error when the two do not have the same images, or a label is outside [0,
  // classes).
  CocoMatches(const TrueObjects& truth, const Detections& detections, int classes);

  CocoScores Score() const;
  // With each image counting as many times as `draws` says, [images], as in a bootstrap over
  // images. Throws std::logic_error on another size or a number below 0.
  CocoScores Score(const std::vector<int>& draws) const;

 private:
  static constexpr size_t kAreas = 4;  // all, small, medium, large

  // One bit for each IoU: is the detection matched; does it not count.
  struct Found {
    double score = 0;
    int32_t image = 0;
    std::array<uint16_t, kAreas> matched{}, passed_over{};
  };
  struct Asked {
    int32_t image = 0;
    std::array<int32_t, kAreas> objects{};  // that count
  };
  struct OfClass {
    std::vector<Found> found;  // by falling score
    std::vector<Asked> asked;
  };

  void AddImage(int32_t image, const std::vector<TrueObject>& truth,
                const std::vector<Detection>& detections);
  std::optional<double> Average(const OfClass& of, size_t area, size_t iou,
                                const std::vector<int>& draws) const;

  int64_t images_ = 0;
  std::vector<OfClass> classes_;
};

// How Pascal VOC averages precision over recall: in 2007 at 11 points, since 2010 exactly.
enum class VocRule { k2007, k2010 };

struct VocScores {
  std::optional<double> map;
  std::vector<std::optional<double>> by_class;
};

// As the development kit of VOC2012 does: a detection is right when its IoU with the true object
// that it overlaps most is at least `iou`, and no surer one took that object. Difficult objects and
// crowds are passed over. Throws as CocoMatches does.
VocScores MeasureVoc(const TrueObjects& truth, const Detections& detections, int classes,
                     VocRule rule, double iou = 0.5);

}  // namespace nacre
