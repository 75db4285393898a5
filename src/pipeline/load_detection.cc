#include "pipeline/load_detection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/log.h"
#include "forecast/priors.h"

namespace nacre {
namespace {

constexpr int64_t kLeastTraining = 20;  // images; a guess: fewer teach nothing

void Note(std::vector<std::string>& notes, std::string note) {
  Warn(note);
  notes.push_back(std::move(note));
}

Images Offered(RunServices& run, DetectionSet set) {
  auto shared = std::make_shared<const DetectionSet>(std::move(set));
  run.materials.Offer(shared);
  return {shared, &shared->images};
}

// Images that judge: what they say depends on the metric, and so does their hash.
Images OfferedToJudge(RunServices& run, DetectionSet set) {
  const std::string metric = BoxMetricName(run.config.detection.Metric());
  set.images.hash = Hasher().Add("judging").Add(set.images.hash).Add(metric).Digest();
  return Offered(run, std::move(set));
}

Expected<void> NoteShared(RunServices& run, const Images& set, const Images& train,
                          std::vector<std::string>& notes) {
  NACRE_TRY(const auto shared,
            FindShared(*run.materials.Boxes(set->hash), *run.materials.Boxes(train->hash)));
  if (!shared) return {};
  Note(notes, fmt::format("training images judge as well: {}: accuracies on them are too high; "
                          "take them out of one of the sets",
                          DescribeProblem(*shared)));
  return {};
}

// Half of data.test selects where there is no data.val, the other half accepts.
Expected<DetectionSplit> SplitTest(RunServices& run, const DetectionOptions& options,
                                   std::vector<std::string>& notes) {
  NACRE_TRY(const DetectionSet test, ReadBoxes(run.config.test, options, notes));
  if (test.count() < 2) {
    return Fail(ErrorKind::kData, fmt::format("{} has one image: half of it must select, half "
                                              "accept; give more, or --val",
                                              run.config.test.string()));
  }
  return SplitDetections(test, priors::kSelectingShare, run.config.seed);
}

Expected<DetectionSet> ReadSelecting(RunServices& run, DetectionOptions options,
                                     std::vector<std::string>& notes) {
  if (!run.config.validation.empty()) {
    options.most_images = static_cast<int64_t>(priors::kMostSelectingImages);
    options.seed = run.config.seed;
    return ReadBoxes(run.config.validation, options, notes);
  }
  NACRE_TRY(DetectionSplit halves, SplitTest(run, options, notes));
  const std::string note = fmt::format(
      "there is no data.val: {} of the {} images of {} select the networks, and the other {} "
      "accept them; --val gives images of their own to select by",
      halves.validation.count(), halves.validation.count() + halves.train.count(),
      run.config.test.string(), halves.train.count());
  Info(note);
  notes.push_back(note);
  return std::move(halves.validation);
}

std::vector<std::string> NamesOf(const DetectionSet& set) {
  std::vector<std::string> names;
  for (const ObjectClass& each : set.classes) names.push_back(each.name);
  return names;
}

// The other sets take their classes from the training set.
DetectionOptions OptionsBeside(const RunServices& run, const ImageNeeds& needs,
                               const DetectionSet& train) {
  DetectionOptions options = BoxOptions(run.config, needs.preprocess);
  options.check.classes = train.classes;
  options.check.classes_of = run.config.train.string();
  return options;
}

}  // namespace

DetectionOptions BoxOptions(const RunConfig& config, const Preprocess& preprocess) {
  return {.preprocess = preprocess,
          .most_memory = {static_cast<int64_t>(config.image_memory)},
          .seed = config.seed};
}

Expected<DetectionSet> ReadBoxes(const std::filesystem::path& path, const DetectionOptions& options,
                                 std::vector<std::string>& notes) {
  DetectionReport report;
  NACRE_TRY(DetectionSet set, ReadDetectionSet(path, options, &report));
  for (const std::string& note : DetectionNotes(report))
    Note(notes, fmt::format("{}: {}", path.string(), note));
  return set;
}

Expected<LoadedImages> LoadBoxes(RunServices& run, const ImageNeeds& needs) {
  LoadedImages loaded;
  DetectionOptions options = BoxOptions(run.config, needs.preprocess);
  options.look_through = false;  // a training image is decoded when it is read
  NACRE_TRY(DetectionSet train, ReadBoxes(run.config.train, options, loaded.notes));
  if (train.count() < kLeastTraining) {
    return Fail(ErrorKind::kData,
                fmt::format("{} has {} images; at least {} are needed to train",
                            run.config.train.string(), train.count(), kLeastTraining));
  }
  Info(fmt::format("{} classes of objects: {}", train.classes.size(),
                   fmt::join(NamesOf(train), ", ")));
  options = OptionsBeside(run, needs, train);
  options.progress = [&](double fraction) {
    run.progress.Update(fraction, "decoding the images that select");
  };
  NACRE_TRY(DetectionSet selecting, ReadSelecting(run, options, loaded.notes));
  loaded.train = Offered(run, std::move(train));
  loaded.selecting = OfferedToJudge(run, std::move(selecting));
  NACRE_CHECK_OK(NoteShared(run, loaded.selecting, loaded.train, loaded.notes));
  return loaded;
}

Expected<Images> LoadAcceptingBoxes(RunServices& run, const ImageNeeds& needs, const Images& train,
                                    std::vector<std::string>& notes) {
  const DetectionOptions options = OptionsBeside(run, needs, *run.materials.Boxes(train->hash));
  if (run.config.validation.empty()) {
    std::vector<std::string> said;
    NACRE_TRY(DetectionSplit halves, SplitTest(run, options, said));
    return OfferedToJudge(run, std::move(halves.train));
  }
  NACRE_TRY(DetectionSet test, ReadBoxes(run.config.test, options, notes));
  const Images images = OfferedToJudge(run, std::move(test));
  NACRE_CHECK_OK(NoteShared(run, images, train, notes));
  return images;
}

}  // namespace nacre
