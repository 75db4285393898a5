// How jobs are described and how their results are read: no job is done here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "engine/jobs/accuracy_job.h"
#include "engine/jobs/augmentation_json.h"
#include "engine/jobs/distill_job.h"
#include "engine/jobs/int8_job.h"
#include "engine/jobs/label_job.h"
#include "engine/jobs/latency_job.h"
#include "engine/jobs/speed_job.h"
#include "engine/jobs/subnet_job.h"
#include "engine/jobs/supernet_job.h"
#include "engine/jobs/table_job.h"
#include "engine/jobs/teacher_job.h"
#include "engine/jobs/train_job.h"
#include "engine/jobs/trainable_job.h"
#include "engine/workers.h"

namespace nacre {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TrainJob AnyTraining() {
  TrainJob job{.name = "rung 0", .network = "net", .train = "t", .validation = "v"};
  job.answers = {.logits = "l", .features = "f", .variants = 4, .classes = 10};
  job.epochs = 2;
  job.end = 8;
  job.total = 8;
  return job;
}

TEST(Specs, HaveAWorkerEach) {
  const std::vector<JobSpec> specs = {ReproduceSpec("a", "b"),
                                      LabelSpec("a", "b"),
                                      AcceptSpec("a", "b", Precision::kInt8, "f"),
                                      TrainableSpec("a", "b"),
                                      QuantizeSpec("a", "b", 8),
                                      Int8Spec({}),
                                      Int8LossSpec({}),
                                      LatencySpec({}),
                                      MeasureSpec({}),
                                      SpeedSpec("a", "b", {}),
                                      TableSpec("a", {}, {}),
                                      DistillSpec({}, 10),
                                      ScoreSpec({}),
                                      TeacherSpec({}),
                                      TrainSpec(AnyTraining()),
                                      SupernetSpec({}),
                                      SubnetSpec({}),
                                      RecalibrateSpec("a", "b", "c", 0)};
  std::set<std::string> kinds;
  for (const JobSpec& spec : specs) {
    EXPECT_EQ(Workers().count(spec.kind), 1u) << spec.kind;
    EXPECT_FALSE(spec.label.empty() && spec.kind != "int8" && spec.kind != "int8-loss")
        << spec.kind;
    kinds.insert(spec.kind);
  }
  EXPECT_EQ(kinds.size(), Workers().size()) << "a worker that no job asks for";
}

// A run survives the failure of what it can do without, and of nothing else.
TEST(Specs, OfCandidatesAreSurvived) {
  EXPECT_TRUE(MeasureSpec({}).survives);
  EXPECT_TRUE(SubnetSpec({}).survives);
  EXPECT_FALSE(SupernetSpec({}).survives);
  EXPECT_TRUE(TrainSpec(AnyTraining()).survives);
  EXPECT_TRUE(RecalibrateSpec("a", "b", "c", 0).survives);
  EXPECT_FALSE(LatencySpec({}).survives);
  EXPECT_FALSE(TeacherSpec({}).survives);
  EXPECT_FALSE(Int8Spec({}).survives);
}

TEST(TrainSpec, IsAnotherJobForEverythingThatItsResultDependsOn) {
  const std::vector<std::function<void(TrainJob&)>> changes = {
      [](TrainJob& job) { job.network = "other"; },
      [](TrainJob& job) { job.state = "state"; },
      [](TrainJob& job) { job.answers.logits = "others"; },
      [](TrainJob& job) { job.answers.augmentation.cutout = 4; },
      [](TrainJob& job) { job.train = "others"; },
      [](TrainJob& job) { job.epochs = 3; },
      [](TrainJob& job) { job.rate = 0.5; },
      [](TrainJob& job) { job.begin = 4; },
      [](TrainJob& job) { job.end = 4; },
      [](TrainJob& job) { job.weight_bits = 8; },
      [](TrainJob& job) { job.seed = 1; }};
  std::set<std::string> keys = {KeyOf(TrainSpec(AnyTraining()))};
  for (const auto& change : changes) {
    TrainJob job = AnyTraining();
    change(job);
    keys.insert(KeyOf(TrainSpec(job)));
  }
  EXPECT_EQ(keys.size(), changes.size() + 1);
  TrainJob same = AnyTraining();
  same.name = "another name";
  same.limit = Seconds(30);
  keys.insert(KeyOf(TrainSpec(same)));
  EXPECT_EQ(keys.size(), changes.size() + 1) << "name and time do not make another job";
}

TEST(ReadSegment, TellsTheLastSegmentFromOthers) {
  const TrainedSegment middle =
      ReadSegment({"{\"loss\":1.5,\"images_per_second\":900.0}", {"net", "state"}});
  EXPECT_FALSE(middle.last);
  EXPECT_EQ(middle.network, "net");
  EXPECT_EQ(middle.state, "state");
  EXPECT_DOUBLE_EQ(middle.images_per_second, 900);
  const TrainedSegment last =
      ReadSegment({"{\"accuracy\":0.75,\"images_per_second\":800.0,\"ranges\":{\"x\":[0.0,6.0]}}",
                   {"net", "state"}});
  EXPECT_TRUE(last.last);
  EXPECT_DOUBLE_EQ(last.accuracy, 0.75);
  ASSERT_EQ(last.ranges.count("x"), 1u);
  EXPECT_EQ(last.ranges.at("x").high, 6);
  const TrainedSegment recalibrated = ReadSegment({"{\"accuracy\":0.5}", {"net"}});
  EXPECT_TRUE(recalibrated.last);
  EXPECT_EQ(recalibrated.images_per_second, 0) << "nothing was trained";
  EXPECT_THAT(recalibrated.state, IsEmpty());
}

TEST(ReadDistilled, KnowsWhereEachFragmentIs) {
  const Distilled distilled =
      ReadDistilled({R"([{"loss":0.1},{"error":"diverged"},{"loss":0.2}])", {"bundle"}});
  EXPECT_THAT(distilled.places,
              ElementsAre(std::optional<size_t>(0), std::nullopt, std::optional<size_t>(1)));
  EXPECT_EQ(distilled.fragments, "bundle");
}

TEST(ReadScores, HasNothingForAFailure) {
  EXPECT_THAT(ReadScores({"[0.25,null,0.0]", {}}),
              ElementsAre(std::optional<double>(0.25), std::nullopt, std::optional<double>(0.0)));
}

TEST(ReadInt8, CountsTheLayersThatStayFloat) {
  const Int8Figures int8 =
      ReadInt8({R"({"accuracy":0.9,"kept_float":["a","b"],"tuned":true})", {"net"}});
  EXPECT_DOUBLE_EQ(int8.accuracy, 0.9);
  EXPECT_EQ(int8.kept_float, 2u);
  EXPECT_TRUE(int8.tuned);
  EXPECT_EQ(int8.network, "net");
  EXPECT_DOUBLE_EQ(ReadInt8Loss({R"({"loss":0.004})", {}}), 0.004);
}

TEST(Int8Spec, TimeToTuneDoesNotMakeAnotherJobButKnownRangesDo) {
  Int8Job job{.network = "net", .limit = Seconds(5)};
  const std::string key = KeyOf(Int8Spec(job));
  job.limit = Seconds(50);
  EXPECT_EQ(KeyOf(Int8Spec(job)), key);
  EXPECT_EQ(Int8Spec(job).limit, Seconds(50));
  EXPECT_EQ(Int8LossSpec(job).limit, Seconds(0)) << "it is not tuned";
  job.known["x"] = {0, 6};
  EXPECT_NE(KeyOf(Int8Spec(job)), key);
}

TEST(ReadAccuracy, HasTheInterval) {
  const Accuracy top1 = ReadAccuracy({R"({"value":0.9,"low":0.88,"high":0.92,"images":1000})", {}});
  EXPECT_DOUBLE_EQ(top1.value, 0.9);
  EXPECT_DOUBLE_EQ(top1.low, 0.88);
  EXPECT_DOUBLE_EQ(top1.high, 0.92);
  EXPECT_EQ(top1.images, 1000);
}

TEST(ReadLabels, HasAClassForEachImage) {
  EXPECT_THAT(ReadLabels({R"({"labels":[3,0,-1]})", {}}), ElementsAre(3, 0, -1));
  EXPECT_NE(KeyOf(LabelSpec("a", "b")), KeyOf(LabelSpec("a", "c")));
}

TEST(LatencySpec, DistinguishesForms) {
  std::set<std::string> keys;
  for (const TimedForm form : {TimedForm::kAsIs, TimedForm::kFolded, TimedForm::kDeployed}) {
    keys.insert(KeyOf(LatencySpec({.networks = {{"net", form, Precision::kInt8}}})));
  }
  EXPECT_EQ(keys.size(), 3u);
  const auto latencies = ReadLatencies(
      {R"([{"median_us":400.0,"over_first":1.0},{"median_us":100.0,"over_first":4.0}])", {}});
  ASSERT_EQ(latencies.size(), 2u);
  EXPECT_EQ(latencies[1].median, Latency(100));
  EXPECT_DOUBLE_EQ(latencies[1].over_first, 4);
}

TEST(TableSpec, IsTheSameJobWhateverElseTheTableKnows) {
  LatencyTable table{.fingerprint = "machine", .reference = 10};
  const std::string key = KeyOf(TableSpec("fragments", table, {}));
  table.entries["part"] = 3;
  EXPECT_EQ(KeyOf(TableSpec("fragments", table, {})), key);
  table.bases["16x32x32"] = 4;
  EXPECT_NE(KeyOf(TableSpec("fragments", table, {})), key);
}

TEST(Augmentation, ComesBackFromItsText) {
  const Augmentation augmentation{
      .flip = false, .mirrored = true, .shift = 3, .cutout = 12, .mix = 0.25};
  const Augmentation back =
      engine_internal::AugmentationFrom(engine_internal::AugmentationText(augmentation));
  EXPECT_FALSE(back.flip);
  EXPECT_TRUE(back.mirrored);
  EXPECT_EQ(back.shift, 3);
  EXPECT_EQ(back.cutout, 12);
  EXPECT_DOUBLE_EQ(back.mix, 0.25);
}

TEST(ReadAnswers, CombinesWhatWasAskedWithWhatCame) {
  const TeacherJob job{.teacher = "t", .variants = 6, .width = 64, .seed = 3};
  const StoredAnswers answers =
      ReadAnswers(job, {R"({"classes":10,"width":64})", {"logits", "features"}});
  EXPECT_EQ(answers.logits, "logits");
  EXPECT_EQ(answers.features, "features");
  EXPECT_EQ(answers.variants, 6);
  EXPECT_EQ(answers.classes, 10);
  EXPECT_EQ(answers.width, 64);
  EXPECT_EQ(answers.seed, 3u);
}

}  // namespace
}  // namespace nacre
