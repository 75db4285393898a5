#include "data/annotation_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "data/one_line.h"
#include "data/picture_size.h"

namespace nacre {

using namespace data_internal;

namespace {

constexpr size_t kMostExamples = 3;
constexpr double kMostReachingOut = 0.5;  // a share of boxes
constexpr double kRounding = 0.01;        // pixels that a box may reach out, without a word

// One check, from the annotations to what stays of them.
class Check {
 public:
  Check(const Annotations& from, const CheckOptions& options,
        std::vector<AnnotationProblem>& problems)
      : from_(from), options_(options), problems_(problems) {}

  Expected<CheckedAnnotations> Run() {
    NACRE_CHECK_OK(TakeClasses());
    NACRE_CHECK_OK(TakeImages());
    NACRE_CHECK_OK(TakeObjects());
    return std::move(result_);
  }

 private:
  tl::unexpected<Error> Refuse(const std::string& what) const {
    return Fail(ErrorKind::kData, fmt::format("{}: {}", from_.source, what));
  }

  void Note(const std::string& what, Treatment treatment, const std::string& example) {
    auto found = std::find_if(problems_.begin(), problems_.end(),
                              [&](const AnnotationProblem& one) { return one.what == what; });
    if (found == problems_.end()) found = problems_.insert(found, {what, treatment, 0, {}});
    ++found->count;
    if (found->examples.size() < kMostExamples) found->examples.push_back(OneLine(example));
  }

  // The error names the first of what was noted last.
  tl::unexpected<Error> RefuseNoted(const std::string& remedy) const {
    return Refuse(fmt::format("{}: {}", DescribeProblem(problems_.back()), remedy));
  }

  Expected<void> TakeClasses() {
    if (from_.classes.empty()) return Refuse("has no classes: name at least one");
    std::set<std::string> names;
    std::set<int64_t> ids;
    for (const ObjectClass& one : from_.classes) {
      if (!ids.insert(one.id).second || !names.insert(one.name).second)
        Note("classes whose id or name comes again", Treatment::kRefused,
             fmt::format("{} with id {}", one.name, one.id));
    }
    if (!problems_.empty()) return RefuseNoted("give each class one name and one id");
    result_.classes = options_.classes.empty() ? from_.classes : options_.classes;
    std::map<std::string, int> labels;
    for (const ObjectClass& one : result_.classes)
      labels.emplace(one.name, static_cast<int>(labels.size()));
    for (const ObjectClass& one : from_.classes) {
      const auto found = labels.find(one.name);
      labels_.emplace(one.id, found == labels.end() ? -1 : found->second);
    }
    return {};
  }

  // Notes what is wrong with the image's file, and says whether it stays.
  bool TakeImage(AnnotatedImage image) {
    std::error_code ignored;
    if (!std::filesystem::exists(image.path, ignored)) {
      Note("images without a file", Treatment::kSkipped, image.path);
      return false;
    }
    const auto size = SizeOfPictureFile(image.path);
    if (!size) {
      Note("images that cannot be read", Treatment::kSkipped,
           fmt::format("{} {}", image.path, size.error().message));
      return false;
    }
    const bool width_fits = image.width == 0 || image.width == size->width;
    if (!width_fits || (image.height != 0 && image.height != size->height)) {
      Note("images of another size than the annotations say", Treatment::kSkipped,
           fmt::format("{} is {} x {}, not {} x {}", image.path, size->width, size->height,
                       image.width, image.height));
      return false;
    }
    image.width = size->width;
    image.height = size->height;
    result_.images.push_back({std::move(image), {}});
    return true;
  }

  Expected<void> TakeImages() {
    for (const AnnotatedImage& image : from_.images) {
      if (!images_.emplace(image.id, -1).second)
        Note("images whose id comes again", Treatment::kRefused,
             fmt::format("{} with id {}", image.path, image.id));
    }
    if (!problems_.empty()) return RefuseNoted("give each image an id of its own");
    for (const AnnotatedImage& image : from_.images) {
      const auto index = static_cast<int64_t>(result_.images.size());
      if (TakeImage(image)) images_[image.id] = index;
    }
    return CheckSkipped("images", from_.images.size() - result_.images.size(), from_.images.size(),
                        "put the files right, or correct the annotations");
  }

  Expected<void> CheckSkipped(const char* of_what, size_t skipped, size_t all,
                              const char* remedy) const {
    if (all == skipped && skipped == 0 && std::string_view(of_what) == "images")
      return Refuse("has no images: add some");
    if (static_cast<double>(skipped) <= options_.most_skipped * static_cast<double>(all)) return {};
    std::vector<std::string> reasons;
    for (const AnnotationProblem& problem : problems_) {
      if (problem.treatment == Treatment::kSkipped) reasons.push_back(DescribeProblem(problem));
    }
    return Refuse(fmt::format("{} of {} {} would be left out, more than {:g} %: {}: {}", skipped,
                              all, of_what, 100 * options_.most_skipped, fmt::join(reasons, "; "),
                              remedy));
  }

  std::string Describe(const AnnotatedObject& object) const {
    const Box& box = object.box;
    const auto image = images_.find(object.image);
    const bool known = image != images_.end() && image->second >= 0;
    return fmt::format("{}, object {} at [{:g}, {:g}, {:g}, {:g}]",
                       known ? result_.images[static_cast<size_t>(image->second)].image.path
                             : fmt::format("image {}", object.image),
                       object.id, box.x0, box.y0, box.x1, box.y1);
  }

  // The label of the object's class; nothing when it is to be left out.
  Expected<std::optional<int>> Label(const AnnotatedObject& object) {
    const auto found = labels_.find(object.category);
    if (found == labels_.end()) {
      Note("objects of a class id that does not exist", Treatment::kSkipped,
           fmt::format("{} of class {}", Describe(object), object.category));
      unknown_.insert(object.category);
      return std::optional<int>();
    }
    known_.insert(object.category);
    if (found->second >= 0) return std::optional<int>(found->second);
    const auto name =
        std::find_if(from_.classes.begin(), from_.classes.end(), [&](const ObjectClass& one) {
          return one.id == object.category;
        })->name;
    return Refuse(fmt::format(
        "class {} is not among the {} classes of {}: rename it, or take its objects out",
        OneLine(name), result_.classes.size(), options_.classes_of));
  }

  // The box inside of its image; nothing when it is to be left out.
  std::optional<Box> Inside(const AnnotatedObject& object, const AnnotatedImage& image) {
    if (object.box.empty()) {
      Note("empty boxes", Treatment::kSkipped, Describe(object));
      return std::nullopt;
    }
    const Box cut =
        Clipped(object.box, static_cast<double>(image.width), static_cast<double>(image.height));
    if (cut.empty()) {
      Note("boxes outside of their image", Treatment::kSkipped, Describe(object));
      return std::nullopt;
    }
    const double reach = std::max({cut.x0 - object.box.x0, cut.y0 - object.box.y0,
                                   object.box.x1 - cut.x1, object.box.y1 - cut.y1});
    if (reach > kRounding) {
      ++reaching_out_;
      Note("boxes that reach out of their image", Treatment::kMended, Describe(object));
    }
    return cut;
  }

  Expected<void> TakeObject(const AnnotatedObject& object) {
    if (!object_ids_.insert(object.id).second)
      Note("object ids that come again", Treatment::kMended, Describe(object));
    const auto image = images_.find(object.image);
    if (image == images_.end()) {
      ++skipped_;
      Note("objects of an image id that does not exist", Treatment::kSkipped, Describe(object));
      return {};
    }
    if (image->second < 0) return {};  // left out with its image
    CheckedImage& checked = result_.images[static_cast<size_t>(image->second)];
    NACRE_TRY(const std::optional<int> label, Label(object));
    const std::optional<Box> box = label ? Inside(object, checked.image) : std::nullopt;
    if (!box) {
      ++skipped_;
      return {};
    }
    checked.objects.push_back(
        {.label = *label,
         .box = *box,
         .area = *box == object.box ? object.area : std::min(object.area, box->area()),
         .crowd = object.crowd,
         .difficult = object.difficult});
    return {};
  }

  // All class ids exist once 1 is added to, or taken from, each.
  std::optional<int> Shift() const {
    for (const int by : {1, -1}) {
      const auto exists = [&](int64_t id) { return labels_.contains(id + by); };
      if (!unknown_.empty() && std::all_of(unknown_.begin(), unknown_.end(), exists) &&
          std::all_of(known_.begin(), known_.end(), exists))
        return by;
    }
    return std::nullopt;
  }

  Expected<void> TakeObjects() {
    for (const AnnotatedObject& object : from_.objects) NACRE_CHECK_OK(TakeObject(object));
    if (const auto by = Shift()) {
      return Refuse(
          fmt::format("class ids of objects look shifted by one: {} does not exist, and {} would: "
                      "{} 1 {} all of them",
                      *unknown_.begin(), *unknown_.begin() + *by, *by > 0 ? "add" : "take",
                      *by > 0 ? "to" : "from"));
    }
    const size_t all = from_.objects.size();
    if (static_cast<double>(reaching_out_) > kMostReachingOut * static_cast<double>(all)) {
      return Refuse(
          fmt::format("{} of {} boxes reach out of their image: boxes are pixels of the image's "
                      "file, in COCO's form as [left, top, width, height]",
                      reaching_out_, all));
    }
    return CheckSkipped("objects", skipped_, all, "correct the annotations");
  }

  const Annotations& from_;
  const CheckOptions& options_;
  std::vector<AnnotationProblem>& problems_;
  CheckedAnnotations result_;
  std::unordered_map<int64_t, int> labels_;      // of class ids; -1: not among the classes
  std::unordered_map<int64_t, int64_t> images_;  // of ids, index into the result; -1: left out
  std::unordered_set<int64_t> object_ids_;
  std::set<int64_t> known_, unknown_;  // class ids of objects
  size_t skipped_ = 0, reaching_out_ = 0;
};

}  // namespace

std::string TreatmentName(Treatment treatment) {
  switch (treatment) {
    case Treatment::kKept:
      return "kept";
    case Treatment::kMended:
      return "mended";
    case Treatment::kSkipped:
      return "skipped";
    case Treatment::kRefused:
      return "refused";
  }
  return {};
}

std::string DescribeProblem(const AnnotationProblem& problem) {
  return fmt::format("{} {} ({}), for example {}", problem.count, problem.what,
                     TreatmentName(problem.treatment), fmt::join(problem.examples, "; "));
}

Expected<CheckedAnnotations> CheckAnnotations(const Annotations& annotations,
                                              const CheckOptions& options,
                                              std::vector<AnnotationProblem>* problems) {
  std::vector<AnnotationProblem> unwanted;
  std::vector<AnnotationProblem>& filled = problems ? *problems : unwanted;
  filled.clear();
  return Check(annotations, options, filled).Run();
}

}  // namespace nacre
