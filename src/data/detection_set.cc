#include "data/detection_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "base/hash.h"
#include "base/random.h"
#include "data/cached_images.h"
#include "data/free_memory.h"
#include "data/image_files.h"
#include "data/image_folder.h"
#include "data/look_through.h"
#include "data/overlap.h"

namespace nacre {

using namespace data_internal;

namespace {

namespace fs = std::filesystem;

// `count` of [0, all), sorted.
std::vector<int64_t> Choose(int64_t all, int64_t count, Random random) {
  std::vector<int64_t> indices(static_cast<size_t>(all));
  std::iota(indices.begin(), indices.end(), int64_t{0});
  random.Shuffle(indices);
  indices.resize(static_cast<size_t>(std::min(all, count)));
  std::sort(indices.begin(), indices.end());
  return indices;
}

ListedFile Listed(const std::string& path) {
  const FileState state = StatFile(path).value_or(FileState());
  return {.path = path, .size = state.size, .modified = state.modified};
}

// Of annotations, names, sizes and times of files. Where the set lies does not count.
std::string ListHash(const Annotations& annotations, const DetectionSet& set,
                     const std::vector<ListedFile>& files) {
  Hasher hasher;
  hasher.Add("detection").Add(DescriptionHash(set.images)).Add(annotations.hash);
  for (const ListedFile& file : files)
    hasher.Add(fs::path(file.path).filename().string()).Add(file.size).Add(file.modified);
  for (const ObjectClass& one : set.classes) hasher.Add(one.id).Add(one.name);
  return hasher.Digest();
}

DetectionSet MakeSet(const Annotations& annotations, CheckedAnnotations&& checked,
                     const DetectionOptions& options) {
  DetectionSet set;
  set.classes = std::move(checked.classes);
  set.images.preprocess = options.preprocess;
  set.images.channels = options.preprocess.channels();
  set.images.classes = {kUnlabelled};
  set.images.labels.resize(checked.images.size());
  std::vector<ListedFile> files;
  for (CheckedImage& one : checked.images) {
    files.push_back(Listed(one.image.path));
    set.sizes.push_back({one.image.width, one.image.height});
    set.objects.push_back(std::move(one.objects));
  }
  set.images.hash = ListHash(annotations, set, files);
  const Bytes free = FreeMemory().value_or(Bytes{int64_t{1} << 30});
  const Bytes memory = options.most_memory.count > 0 ? options.most_memory : Bytes{free.count / 3};
  set.images.source = Cached(
      std::make_shared<const FileImages>(
          std::move(files),
          DecodeOptions{.preprocess = options.preprocess, .orientation = Orientation::kFile}),
      memory);
  return set;
}

// The images that can be decoded.
Expected<DetectionSet> Decodable(const DetectionSet& set, const DetectionOptions& options,
                                 std::vector<AnnotationProblem>& problems) {
  AnnotationProblem broken{"images that cannot be decoded", Treatment::kSkipped, 0, {}};
  std::vector<int64_t> good;
  const std::vector<std::string> reasons = LookThrough(set.images, options.progress);
  for (size_t i = 0; i < reasons.size(); ++i) {
    if (reasons[i].empty()) {
      good.push_back(static_cast<int64_t>(i));
      continue;
    }
    ++broken.count;
    if (broken.examples.size() < 3) broken.examples.push_back(reasons[i]);
  }
  if (broken.count == 0) return set;
  problems.push_back(broken);
  if (good.empty() || static_cast<double>(broken.count) >
                          options.check.most_skipped * static_cast<double>(set.count())) {
    return Fail(ErrorKind::kData, fmt::format("{}: replace them, or take them out of the "
                                              "annotations",
                                              DescribeProblem(broken)));
  }
  return set.Subset(good);
}

void Count(const DetectionSet& set, DetectionReport& report) {
  report.images = set.count();
  for (const auto& objects : set.objects) {
    report.objects += static_cast<int64_t>(objects.size());
    report.without_objects += objects.empty();
  }
}

}  // namespace

Placement DetectionSet::PlacementOf(int64_t image) const {
  return PlaceInInput(sizes.at(static_cast<size_t>(image)), images.preprocess);
}

std::vector<TrueObject> DetectionSet::ObjectsInInput(int64_t image) const {
  const Placement place = PlacementOf(image);
  const auto width = static_cast<double>(images.preprocess.width);
  const auto height = static_cast<double>(images.preprocess.height);
  std::vector<TrueObject> result;
  for (TrueObject object : objects.at(static_cast<size_t>(image))) {
    const double before = object.box.area();
    object.box = Clipped(place.ToInput(object.box), width, height);
    if (object.box.empty()) continue;
    object.area *= object.box.area() / before;
    result.push_back(object);
  }
  return result;
}

DetectionSet DetectionSet::Subset(const std::vector<int64_t>& indices) const {
  DetectionSet subset;
  subset.images = images.Subset(indices);
  subset.classes = classes;
  for (const int64_t index : indices) {
    subset.objects.push_back(objects.at(static_cast<size_t>(index)));
    subset.sizes.push_back(sizes.at(static_cast<size_t>(index)));
  }
  return subset;
}

Expected<DetectionSet> ReadDetectionSet(const fs::path& path, const DetectionOptions& options,
                                        DetectionReport* report) {
  if (options.preprocess.height <= 0 || options.preprocess.width <= 0)
    throw std::logic_error("ReadDetectionSet: image size not set");
  DetectionReport unwanted;
  DetectionReport& filled = report ? *report : unwanted;
  filled = {};
  NACRE_CHECK_OK(CheckPreprocess(options.preprocess));
  NACRE_TRY(const Annotations annotations, ReadAnnotations(path));
  filled.form = annotations.form;
  NACRE_TRY(CheckedAnnotations checked,
            CheckAnnotations(annotations, options.check, &filled.problems));
  DetectionSet set = MakeSet(annotations, std::move(checked), options);
  if (options.most_images > 0 && options.most_images < set.count()) {
    set = set.Subset(
        Choose(set.count(), options.most_images, Random(options.seed).Fork("detection sample")));
  }
  if (options.look_through) {
    NACRE_TRY(set, Decodable(set, options, filled.problems));
  }
  Count(set, filled);
  return set;
}

std::vector<std::string> DetectionNotes(const DetectionReport& report) {
  std::vector<std::string> notes;
  for (const AnnotationProblem& problem : report.problems)
    notes.push_back(DescribeProblem(problem));
  if (report.without_objects > 0) {
    notes.push_back(
        fmt::format("{} of {} images show no object", report.without_objects, report.images));
  }
  return notes;
}

Expected<std::optional<AnnotationProblem>> FindShared(const DetectionSet& set,
                                                      const DetectionSet& other) {
  NACRE_TRY(const std::vector<int64_t> shared, SharedImages(set.images, other.images));
  if (shared.empty()) return std::nullopt;
  AnnotationProblem problem{"images that the other set has as well",
                            Treatment::kKept,
                            static_cast<int64_t>(shared.size()),
                            {}};
  for (size_t i = 0; i < std::min<size_t>(3, shared.size()); ++i) {
    const std::string file = set.images.source->File(shared[i]);
    problem.examples.push_back(file.empty() ? fmt::format("image {}", shared[i]) : file);
  }
  return problem;
}

DetectionSplit SplitDetections(const DetectionSet& set, double fraction, uint64_t seed) {
  const int64_t count = set.count();
  const int64_t wanted = std::llround(fraction * static_cast<double>(count));
  const int64_t taken =
      std::min(std::clamp<int64_t>(wanted, 1, std::max<int64_t>(1, count - 1)), count);
  const std::vector<int64_t> validation =
      Choose(count, taken, Random(seed).Fork("detection split"));
  std::vector<int64_t> all(static_cast<size_t>(count)), train;
  std::iota(all.begin(), all.end(), int64_t{0});
  std::set_difference(all.begin(), all.end(), validation.begin(), validation.end(),
                      std::back_inserter(train));
  return {set.Subset(train), set.Subset(validation)};
}

}  // namespace nacre
