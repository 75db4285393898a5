#include "store/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace nacre {
namespace {

using testing::HasSubstr;

class RunTest : public testing::Test {
 protected:
  RunTest() {
    std::string name = testing::TempDir() + "nacre_run_XXXXXX";
    root_ = mkdtemp(name.data());
  }
  ~RunTest() override { std::filesystem::remove_all(root_); }
  std::filesystem::path root_;
};

TEST_F(RunTest, KeepsJobsArtifactsAndNotesAcrossOpenings) {
  std::string hash;
  {
    auto run = Run::Open(root_ / "a" / "b", Run::Mode::kFresh);
    ASSERT_TRUE(run) << run.error().message;
    hash = *(*run)->PutArtifact(std::string("\0weights", 8));
    Job job{
        .key = "k", .kind = "trial", .result = "{\"x\":1}", .artifacts = {hash}, .seconds = 1.5};
    ASSERT_TRUE((*run)->Put(job));
    ASSERT_TRUE((*run)->SetNote("spent", "12.5"));
    ASSERT_TRUE((*run)->LogEvent("{\"event\":\"job\"}"));
  }
  auto run = Run::Open(root_ / "a" / "b", Run::Mode::kResume);
  ASSERT_TRUE(run) << run.error().message;
  const auto job = *(*run)->Find("k");
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->result, "{\"x\":1}");
  EXPECT_EQ(job->artifacts, std::vector<std::string>{hash});
  EXPECT_DOUBLE_EQ(job->seconds, 1.5);
  EXPECT_EQ(*(*run)->GetArtifact(hash), std::string("\0weights", 8));
  EXPECT_EQ(**(*run)->Note("spent"), "12.5");
  EXPECT_FALSE((*(*run)->Find("other")).has_value());
  EXPECT_EQ((*(*run)->JobsOfKind("trial")).size(), 1u);
}

TEST_F(RunTest, RefusesWhatItMustNotOverwrite) {
  std::ofstream(root_ / "precious.txt") << "mine";
  const auto foreign = Run::Open(root_, Run::Mode::kFresh);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().kind, ErrorKind::kUsage);
  EXPECT_THAT(foreign.error().message, HasSubstr("not empty"));
  ASSERT_TRUE(Run::Open(root_ / "run", Run::Mode::kFresh));
  const auto again = Run::Open(root_ / "run", Run::Mode::kFresh);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("nacre resume"));
  const auto nothing = Run::Open(root_ / "none", Run::Mode::kResume);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, ErrorKind::kUsage);
}

TEST_F(RunTest, ASecondOwnerIsToldWhoHasIt) {
  const auto first = Run::Open(root_ / "run", Run::Mode::kFresh);
  ASSERT_TRUE(first);
  const auto second = Run::Open(root_ / "run", Run::Mode::kResume);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kUsage);
  EXPECT_THAT(second.error().message, HasSubstr("in use by process " + std::to_string(getpid())));
}

TEST_F(RunTest, ADamagedArtifactIsNoticed) {
  auto run = Run::Open(root_ / "run", Run::Mode::kFresh);
  ASSERT_TRUE(run);
  const std::string hash = *(*run)->PutArtifact("good");
  std::ofstream(root_ / "run" / "artifacts" / hash) << "bad";
  EXPECT_THAT((*run)->GetArtifact(hash).error().message, HasSubstr("damaged"));
}

TEST_F(RunTest, ABrokenDatabaseIsNamed) {
  std::filesystem::create_directories(root_ / "run");
  std::ofstream(root_ / "run" / "run.db") << std::string(4096, 'x');
  const auto run = Run::Open(root_ / "run", Run::Mode::kResume);
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("run.db"));
  EXPECT_THAT(run.error().message, HasSubstr("start a new run"));
}

}  // namespace
}  // namespace nacre
