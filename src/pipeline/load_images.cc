#include "pipeline/load_images.h"

#include <fmt/format.h>

#include <utility>

#include "base/hash.h"
#include "base/log.h"
#include "data/class_list.h"
#include "data/load_notes.h"
#include "data/overlap.h"
#include "engine/jobs/label_job.h"
#include "forecast/priors.h"
#include "pipeline/load_detection.h"
#include "task/answers.h"

namespace nacre {
namespace {

constexpr char kAgreementNote[] =
    "the images have no labels (--task agreement): the original's answers are the truth, and every "
    "accuracy is the share of images that a network answers as the original does";

void Note(std::vector<std::string>& notes, std::string note) {
  Warn(note);
  notes.push_back(std::move(note));
}

void NoteReport(const std::filesystem::path& folder, const LoadOptions& options,
                const LoadReport& report, std::vector<std::string>& notes) {
  for (std::string& note : LoadNotes(folder, options, report)) Note(notes, std::move(note));
}

// An image that trains and judges as well makes networks look better than they are.
Expected<void> NoteShared(const Images& set, const std::filesystem::path& folder,
                          const Images& train, std::vector<std::string>& notes) {
  NACRE_TRY(const int64_t shared, CountShared(*set, *train));
  if (shared == 0) return {};
  Note(notes, fmt::format("{} of the {} images of {} are training images too, byte for byte: "
                          "accuracies on them are too high; take them out of one of the folders",
                          shared, set->count(), folder.string()));
  return {};
}

// The images of data.test where there is no data.val: `validation` selects, `train` accepts.
Expected<Split> SplitTest(RunServices& run, const LoadOptions& options,
                          std::vector<std::string>& notes) {
  LoadReport report;
  LoadOptions both = options;
  both.least_images = 2;
  NACRE_TRY(const ImageSet test, LoadImageFolder(run.config.test, both, &report));
  NoteReport(run.config.test, both, report, notes);
  return SplitByClass(test, priors::kSelectingShare, run.config.seed);
}

Expected<ImageSet> LoadSelecting(RunServices& run, const LoadOptions& options,
                                 std::vector<std::string>& notes) {
  const RunConfig& config = run.config;
  if (config.validation.empty()) {
    NACRE_TRY(Split halves, SplitTest(run, options, notes));
    const std::string note = fmt::format(
        "there is no data.val: {} of the {} images of {}, split by class, select the networks, and "
        "the other {} accept them; --val DIR gives images of their own to select by",
        halves.validation.count(), halves.validation.count() + halves.train.count(),
        config.test.string(), halves.train.count());
    Info(note);
    notes.push_back(note);
    return std::move(halves.validation);
  }
  LoadReport report;
  LoadOptions capped = options;
  capped.most_images = static_cast<int64_t>(priors::kMostSelectingImages);
  NACRE_TRY(ImageSet selecting, LoadImageFolder(config.validation, capped, &report));
  NoteReport(config.validation, capped, report, notes);
  return selecting;
}

Images Offered(RunServices& run, ImageSet images) {
  auto shared = std::make_shared<const ImageSet>(std::move(images));
  run.materials.Offer(shared);
  return shared;
}

// Images that judge: what they say depends on the metric, and so does their hash.
Images OfferedToJudge(RunServices& run, ImageSet images) {
  const Metric& metric = *run.config.metric;
  if (&metric != &TopOneMetric())
    images.hash = Hasher().Add("judging").Add(images.hash).Add(metric.name()).Digest();
  return Offered(run, std::move(images));
}

// Images without labels get those that the original answers; classes are called by their numbers.
Expected<ImageSet> WithLabels(RunServices& run, const ImageNeeds& needs, ImageSet images) {
  if (run.config.task != TaskKind::kAgreement || needs.classes == 0) return images;
  const Images bare = Offered(run, std::move(images));
  NACRE_TRY(const JobResult done, run.jobs.Do(LabelSpec(needs.original, bare->hash)));
  return WithAnswers(*bare, ReadLabels(done), needs.classes);
}

Expected<LoadOptions> OptionsFor(const RunServices& run, const ImageNeeds& needs) {
  NACRE_TRY(LoadOptions options, ImageOptions(run.config));
  options.preprocess = needs.preprocess;
  options.expected_classes = needs.classes;
  return options;
}

int64_t LeastTrainingImages(const RunServices& run, int64_t classes) {
  if (run.config.task == TaskKind::kAgreement) {
    return static_cast<int64_t>(priors::kLeastUnlabelledImages);
  }
  return static_cast<int64_t>(priors::kLeastImagesPerClass) * classes;
}

// The images that accept, still without what the original answers.
Expected<ImageSet> ReadAccepting(RunServices& run, const LoadOptions& options,
                                 std::vector<std::string>& notes) {
  if (run.config.validation.empty()) {
    std::vector<std::string> said;
    NACRE_TRY(Split halves, SplitTest(run, options, said));
    return std::move(halves.train);
  }
  LoadReport report;
  NACRE_TRY(ImageSet test, LoadImageFolder(run.config.test, options, &report));
  NoteReport(run.config.test, options, report, notes);
  return test;
}

}  // namespace

Expected<LoadedImages> LoadImages(RunServices& run, const ImageNeeds& needs) {
  if (run.config.task == TaskKind::kDetection) return LoadBoxes(run, needs);
  const RunConfig& config = run.config;
  LoadedImages loaded;
  NACRE_TRY(LoadOptions options, OptionsFor(run, needs));
  options.least_images = LeastTrainingImages(run, needs.classes);
  options.on_demand = true;
  options.progress = [&](double fraction) {
    run.progress.Update(fraction, "decoding " + config.train.string());
  };
  LoadReport report;
  NACRE_TRY(ImageSet train, LoadImageFolder(config.train, options, &report));
  NoteReport(config.train, options, report, loaded.notes);
  if (report.on_demand) {
    Info(fmt::format(
        "the {} images of {} are decoded when they are needed; memory holds {} (--data-memory)",
        train.count(), config.train.string(), report.held));
  }
  if (!options.unlabelled) Info(DescribeClasses(train.classes));
  options.classes = train.classes;
  options.least_images = 1;
  options.on_demand = false;
  options.progress = [&](double fraction) {
    run.progress.Update(fraction, "decoding the images that select");
  };
  NACRE_TRY(ImageSet selecting, LoadSelecting(run, options, loaded.notes));
  NACRE_TRY(train, WithLabels(run, needs, std::move(train)));
  NACRE_TRY(selecting, WithLabels(run, needs, std::move(selecting)));
  loaded.train = Offered(run, std::move(train));
  loaded.selecting = OfferedToJudge(run, std::move(selecting));
  NACRE_CHECK_OK(NoteShared(loaded.selecting,
                            config.validation.empty() ? config.test : config.validation,
                            loaded.train, loaded.notes));
  if (config.task == TaskKind::kAgreement) {
    loaded.notes.emplace_back(kAgreementNote);
    Info(kAgreementNote);
  }
  return loaded;
}

Expected<Images> LoadAccepting(RunServices& run, const ImageNeeds& needs, const Images& train,
                               std::vector<std::string>& notes) {
  if (run.config.task == TaskKind::kDetection) return LoadAcceptingBoxes(run, needs, train, notes);
  NACRE_TRY(LoadOptions options, OptionsFor(run, needs));
  if (!options.unlabelled) options.classes = train->classes;
  NACRE_TRY(ImageSet accepting, ReadAccepting(run, options, notes));
  NACRE_TRY(accepting, WithLabels(run, needs, std::move(accepting)));
  const Images images = OfferedToJudge(run, std::move(accepting));
  NACRE_CHECK_OK(NoteShared(images, run.config.test, train, notes));
  return images;
}

}  // namespace nacre
