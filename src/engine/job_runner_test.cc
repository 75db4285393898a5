#include "engine/job_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "engine/in_process.h"
#include "testing/fake_clock.h"
#include "testing/fake_compiler.h"
#include "testing/reverse_executor.h"

namespace nacre {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

int done = 0;  // jobs, in this process

// The input text twice, as artifact and value.
Expected<JobResult> Repeat(const JobSpec& job, const Workplace& place) {
  ++done;
  NACRE_TRY(const std::string text, place.materials.Get(job.inputs.at(0)));
  NACRE_TRY(const ArtifactHash hash, place.materials.Put(text + text));
  return JobResult{.value = "\"" + text + text + "\"", .artifacts = {hash}};
}

Expected<JobResult> FailOnTarget(const JobSpec& job, const Workplace&) {
  ++done;
  return Fail(ErrorKind::kTarget, "cannot be measured: " + job.parameters);
}

// What the same job of a recording gave.
Expected<JobResult> Follow(const JobSpec& job, const Workplace&) {
  return JobResult{.value = job.recorded};
}

const WorkerTable& TestWorkers() {
  static const WorkerTable workers = {
      {"repeat", Repeat}, {"fail", FailOnTarget}, {"follow", Follow}};
  return workers;
}

class JobRunnerTest : public testing::Test {
 protected:
  JobRunnerTest() {
    done = 0;
    folder_ = std::filesystem::temp_directory_path() / ("nacre-jobs-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    store_ = nacre::Run::Open(folder_, nacre::Run::Mode::kFresh).value();
    materials_ = std::make_unique<Materials>(*store_);
  }
  ~JobRunnerTest() override { std::filesystem::remove_all(folder_); }

  Workplace Place() { return {*materials_, compiler_, clock_, {}, {}}; }

  JobRunner Runner(Executor& executor) {
    return JobRunner({.store = store_.get(),
                      .executor = &executor,
                      .budget = Budget(clock_, Seconds(100), Seconds(0)),
                      .interrupted = [this] { return interrupted_; }});
  }

  JobSpec RepeatOf(const std::string& text) {
    return {.kind = "repeat", .parameters = "{}", .inputs = {materials_->Put(text).value()}};
  }

  std::filesystem::path folder_;
  FakeClock clock_;
  FakeCompiler compiler_{clock_, [](const Network&, const CompileOptions&) { return Latency(1); }};
  std::unique_ptr<nacre::Run> store_;
  std::unique_ptr<Materials> materials_;
  bool interrupted_ = false;
};

TEST(KeyOf, DependsOnWhatTheJobIsAndOnNothingElse) {
  const JobSpec job{.kind = "train", .parameters = "{\"rate\":1}", .inputs = {"a", "b"}};
  std::set<std::string> keys = {KeyOf(job)};
  JobSpec same = job;
  same.survives = true;
  same.limit = Seconds(5);
  same.label = "for people";
  keys.insert(KeyOf(same));
  EXPECT_EQ(keys.size(), 1u);
  JobSpec other = job;
  other.kind = "score";
  keys.insert(KeyOf(other));
  other = job;
  other.version = 2;
  keys.insert(KeyOf(other));
  other = job;
  other.parameters = "{\"rate\":2}";
  keys.insert(KeyOf(other));
  other = job;
  other.inputs = {"ab"};
  keys.insert(KeyOf(other));
  other.inputs = {"b", "a"};
  keys.insert(KeyOf(other));
  EXPECT_EQ(keys.size(), 6u);
}

TEST_F(JobRunnerTest, AJobIsDoneOnceAndItsResultKept) {
  InProcessExecutor executor(Place(), TestWorkers());
  JobRunner runner = Runner(executor);
  const auto first = runner.Do(RepeatOf("ab"));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->value, "\"abab\"");
  EXPECT_EQ(materials_->Get(first->artifacts.at(0)).value(), "abab");
  const auto again = runner.Do(RepeatOf("ab"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->value, first->value);
  EXPECT_EQ(again->artifacts, first->artifacts);
  EXPECT_EQ(done, 1);
}

TEST_F(JobRunnerTest, AnyExecutorGivesTheSameResultsInTheOrderOfTheJobs) {
  const std::vector<JobSpec> jobs = {RepeatOf("a"), RepeatOf("b"), RepeatOf("c")};
  ReverseExecutor executor(Place(), TestWorkers());
  JobRunner runner = Runner(executor);
  std::vector<size_t> ended;
  const auto results = runner.Do(jobs, [&](size_t count) { ended.push_back(count); });
  EXPECT_EQ(done, 0) << "all of them ran in other processes";
  EXPECT_THAT(ended, ElementsAre(1, 2, 3));
  ASSERT_EQ(results.size(), 3u);
  const char* expected[] = {"aa", "bb", "cc"};
  for (size_t i = 0; i < results.size(); ++i) {
    ASSERT_TRUE(results[i]) << results[i].error().message;
    EXPECT_EQ(materials_->Get(results[i]->artifacts.at(0)).value(), expected[i]);
  }
  InProcessExecutor local(Place(), TestWorkers());
  JobRunner here = Runner(local);
  EXPECT_EQ(here.Do(jobs[1])->artifacts, results[1]->artifacts);
  EXPECT_EQ(done, 0) << "what the other executor did is not done again";
}

TEST_F(JobRunnerTest, ASurvivedFailureIsRecordedWithItsKind) {
  InProcessExecutor executor(Place(), TestWorkers());
  JobRunner runner = Runner(executor);
  const JobSpec job{.kind = "fail", .parameters = "{}", .survives = true};
  for (int round = 0; round < 2; ++round) {
    const auto result = runner.Do(job);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kTarget);
    EXPECT_THAT(result.error().message, HasSubstr("cannot be measured"));
  }
  EXPECT_EQ(done, 1) << "a resumed run goes the same way";
  EXPECT_FALSE(runner.EndsRun({ErrorKind::kTarget, ""}));
  EXPECT_TRUE(runner.EndsRun({ErrorKind::kInterrupted, ""}));
}

TEST_F(JobRunnerTest, AFailureThatEndsTheRunIsTriedAgain) {
  InProcessExecutor executor(Place(), TestWorkers());
  JobRunner runner = Runner(executor);
  const JobSpec job{.kind = "fail", .parameters = "{}"};
  EXPECT_FALSE(runner.Do(job));
  EXPECT_FALSE(runner.Do(job));
  EXPECT_EQ(done, 2);
}

TEST_F(JobRunnerTest, JobsThatWereNotBegunHaveTheErrorThatStoppedThem) {
  InProcessExecutor executor(Place(), TestWorkers());
  JobRunner runner = Runner(executor);
  const std::vector<JobSpec> jobs = {
      RepeatOf("a"), {.kind = "fail", .parameters = "{}"}, RepeatOf("b")};
  const auto results = runner.Do(jobs);
  EXPECT_TRUE(results[0]);
  ASSERT_FALSE(results[1]);
  ASSERT_FALSE(results[2]);
  EXPECT_EQ(results[2].error().message, results[1].error().message);
  EXPECT_EQ(done, 2);
}

TEST_F(JobRunnerTest, AnInterruptStopsBeforeTheNextJobAndSaysHowToGoOn) {
  InProcessExecutor executor(Place(), TestWorkers());
  JobRunner runner = Runner(executor);
  interrupted_ = true;
  const auto result = runner.Do(RepeatOf("a"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInterrupted);
  EXPECT_THAT(result.error().message, HasSubstr("nacre resume " + folder_.string()));
  EXPECT_EQ(done, 0);
}

TEST_F(JobRunnerTest, NobodyDoesAnUnknownKind) {
  InProcessExecutor executor(Place(), TestWorkers());
  JobRunner runner = Runner(executor);
  const auto result = runner.Do({.kind = "fold", .parameters = "{}"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInternal);
  EXPECT_THAT(result.error().message, HasSubstr("'fold'"));
}

TEST_F(JobRunnerTest, ADecisionIsTakenOnce) {
  InProcessExecutor executor(Place(), TestWorkers());
  JobRunner runner = Runner(executor);
  EXPECT_EQ(runner.Decided("epochs").value(), std::nullopt);
  ASSERT_TRUE(runner.Decide("epochs", "3.5"));
  ASSERT_TRUE(runner.Decide("epochs", "7"));
  EXPECT_EQ(runner.Decided("epochs").value(), "3.5");
}

TEST_F(JobRunnerTest, MeasurementsAndDecisionsAreTakenOverFromARecording) {
  const auto other_folder = folder_.string() + "-recording";
  std::filesystem::remove_all(other_folder);
  const auto recording = nacre::Run::Open(other_folder, nacre::Run::Mode::kFresh).value();
  const JobSpec measure{.kind = "measure", .parameters = "{}"};
  ASSERT_TRUE(recording->Put({.key = KeyOf(measure), .kind = "measure", .result = "42"}));
  const JobSpec training = RepeatOf("a");
  ASSERT_TRUE(recording->Put({.key = KeyOf(training), .kind = "repeat", .result = "1"}));
  InProcessExecutor executor(Place(), TestWorkers());
  JobRunner runner = Runner(executor);
  runner.TakeOver(*recording);
  EXPECT_EQ(runner.Do(measure).value().value, "42");
  EXPECT_EQ(runner.Do(training).value().value, "\"aa\"") << "what is not measured is done";
  const JobSpec limited{.kind = "follow", .parameters = "{}"};
  ASSERT_TRUE(recording->Put({.key = KeyOf(limited), .kind = "follow", .result = "[0.5,1]"}));
  EXPECT_EQ(runner.Do(limited).value().value, "[0.5,1]") << "done as the recording's was";
  std::filesystem::remove_all(other_folder);
}

}  // namespace
}  // namespace nacre
