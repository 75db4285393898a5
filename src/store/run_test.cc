#include "store/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "store/database.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Mode = Run::Mode;

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

class RunTest : public ::testing::Test {
 protected:
  RunTest() {
    base_ = fs::temp_directory_path() / ("nacre-run-" + std::to_string(getpid()));
    fs::remove_all(base_);
    folder_ = base_ / "deep" / "run";
  }
  ~RunTest() override { fs::remove_all(base_); }

  std::unique_ptr<nacre::Run> Opened(Mode mode) {
    auto run = nacre::Run::Open(folder_, mode);
    if (!run) throw std::runtime_error(run.error().message);
    return std::move(*run);
  }
  Error Refused(Mode mode) {
    auto run = nacre::Run::Open(folder_, mode);
    return run ? Error{ErrorKind::kInternal, "opened"} : run.error();
  }

  fs::path base_, folder_;
};

TEST_F(RunTest, AJobComesBackAsItWasPutAlsoAfterResuming) {
  Job job{.key = "k1", .kind = "trial", .result = R"({"a":1})", .seconds = 1.25};
  {
    const auto run = Opened(Mode::kFresh);
    job.artifacts = {*run->PutArtifact("weights"), *run->PutArtifact("more")};
    ASSERT_TRUE(run->Put(job));
    EXPECT_FALSE(run->Find("k2")->has_value());
  }
  const auto run = Opened(Mode::kResume);
  const Job found = run->Find("k1")->value();
  EXPECT_EQ(found.kind, job.kind);
  EXPECT_EQ(found.result, job.result);
  EXPECT_EQ(found.artifacts, job.artifacts);
  EXPECT_EQ(found.seconds, job.seconds);
  EXPECT_FALSE(found.error);
  EXPECT_EQ(*run->GetArtifact(found.artifacts[0]), "weights");
}

TEST_F(RunTest, AnErrorComesBackWithItsKindAfterResuming) {
  const std::vector<ErrorKind> kinds = {
      ErrorKind::kInternal, ErrorKind::kUsage,      ErrorKind::kModel,      ErrorKind::kData,
      ErrorKind::kTarget,   ErrorKind::kNothingMet, ErrorKind::kInterrupted};
  {
    const auto run = Opened(Mode::kFresh);
    for (const ErrorKind kind : kinds) {
      const std::string key = std::to_string(static_cast<int>(kind));
      ASSERT_TRUE(run->Put({.key = key, .kind = "train", .error = Error{kind, "why " + key}}));
    }
  }
  const auto run = Opened(Mode::kResume);
  for (const ErrorKind kind : kinds) {
    const std::string key = std::to_string(static_cast<int>(kind));
    const Job found = run->Find(key)->value();
    ASSERT_TRUE(found.error) << key;
    EXPECT_EQ(found.error->kind, kind);
    EXPECT_EQ(found.error->message, "why " + key);
  }
  const std::vector<Job> jobs = *run->JobsOfKind("train");
  ASSERT_THAT(jobs, SizeIs(kinds.size()));
  EXPECT_EQ(jobs[4].error->kind, ErrorKind::kTarget);
}

TEST_F(RunTest, AnErrorWithoutAMessageIsStillAnError) {
  const auto run = Opened(Mode::kFresh);
  ASSERT_TRUE(run->Put({.key = "k", .kind = "a", .error = Error{ErrorKind::kModel, ""}}));
  const Job found = run->Find("k")->value();
  ASSERT_TRUE(found.error);
  EXPECT_EQ(found.error->kind, ErrorKind::kModel);
}

TEST_F(RunTest, AKeyKeepsItsFirstResult) {
  const auto run = Opened(Mode::kFresh);
  ASSERT_TRUE(run->Put({.key = "k", .kind = "a", .result = "1"}));
  ASSERT_TRUE(run->Put({.key = "k", .kind = "a", .result = "2"}));
  EXPECT_EQ(run->Find("k")->value().result, "1");
  EXPECT_THAT(*run->JobsOfKind("a"), SizeIs(1));
}

TEST_F(RunTest, JobsOfAKindComeInTheOrderOfPutting) {
  const auto run = Opened(Mode::kFresh);
  for (const char* key : {"z", "a", "m"}) ASSERT_TRUE(run->Put({.key = key, .kind = "x"}));
  ASSERT_TRUE(run->Put({.key = "other", .kind = "y"}));
  std::vector<std::string> keys;
  const std::vector<Job> jobs = *run->JobsOfKind("x");
  for (const Job& job : jobs) keys.push_back(job.key);
  EXPECT_THAT(keys, ElementsAre("z", "a", "m"));
}

TEST_F(RunTest, TextMayHoldAnything) {
  const auto run = Opened(Mode::kFresh);
  const std::string odd("quote ' zero \0 end; DROP TABLE jobs", 35);
  ASSERT_TRUE(run->Put({.key = odd, .kind = odd, .result = odd}));
  EXPECT_EQ(run->Find(odd)->value().result, odd);
}

TEST_F(RunTest, ArtifactsAreNamedByContentAndVerified) {
  const auto run = Opened(Mode::kFresh);
  const std::string bytes("a\0b", 3);
  const std::string hash = *run->PutArtifact(bytes);
  EXPECT_EQ(*run->PutArtifact(bytes), hash);
  EXPECT_EQ(Read(folder_ / "artifacts" / hash), bytes);
  EXPECT_EQ(*run->GetArtifact(*run->PutArtifact("")), "");
  std::ofstream(folder_ / "artifacts" / hash) << "axb";
  EXPECT_THAT(run->GetArtifact(hash).error().message, HasSubstr("is damaged"));
  fs::remove(folder_ / "artifacts" / hash);
  EXPECT_THAT(run->GetArtifact(hash).error().message, HasSubstr("is missing"));
  EXPECT_THAT(run->GetArtifact("../run.db").error().message, HasSubstr("is not an artifact hash"));
  EXPECT_THROW((void)run->Put({.key = "k", .artifacts = {hash}}), std::logic_error);
}

TEST_F(RunTest, NotesAreReplaced) {
  const auto run = Opened(Mode::kFresh);
  EXPECT_FALSE(run->Note("spent")->has_value());
  ASSERT_TRUE(run->SetNote("spent", "1"));
  ASSERT_TRUE(run->SetNote("spent", "2"));
  EXPECT_EQ(run->Note("spent")->value(), "2");
}

TEST_F(RunTest, EventsAreLinesOfJsonWithTheTime) {
  const auto run = Opened(Mode::kFresh);
  ASSERT_TRUE(run->LogEvent(R"({"stage": "score", "text": "two\nlines"})"));
  std::ofstream(folder_ / "events.jsonl", std::ios::app) << R"({"cut": "of)";  // by a kill
  ASSERT_TRUE(run->LogEvent(R"({"stage": "solve"})"));
  std::ifstream file(folder_ / "events.jsonl");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  ASSERT_THAT(lines, SizeIs(3));
  const auto first = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(first["text"], "two\nlines");
  EXPECT_THAT(first["time"].get<std::string>(),
              ::testing::MatchesRegex("20..-..-..T..:..:..[.]...Z"));
  EXPECT_EQ(nlohmann::json::parse(lines[2])["stage"], "solve");
  EXPECT_THROW((void)run->LogEvent("[1]"), std::logic_error);
  EXPECT_THROW((void)run->LogEvent("{"), std::logic_error);
}

TEST_F(RunTest, OneOwnerAtATime) {
  auto run = Opened(Mode::kFresh);
  for (const Mode mode : {Mode::kFresh, Mode::kResume}) {
    const Error refused = Refused(mode);
    EXPECT_EQ(refused.kind, ErrorKind::kUsage);
    EXPECT_THAT(refused.message, HasSubstr("in use by process " + std::to_string(getpid())));
  }
  run.reset();
  EXPECT_THAT(Refused(Mode::kFresh).message, HasSubstr("already holds a run: resume it"));
  EXPECT_NE(Opened(Mode::kResume), nullptr);
}

TEST_F(RunTest, OpensOnlyWhatItShould) {
  EXPECT_EQ(Refused(Mode::kResume).kind, ErrorKind::kUsage);
  EXPECT_THAT(Refused(Mode::kResume).message, HasSubstr("holds no run"));
  EXPECT_FALSE(fs::exists(folder_));  // refusing leaves nothing behind
  fs::create_directories(folder_);
  std::ofstream(folder_ / "thesis.txt") << "mine";
  EXPECT_EQ(Refused(Mode::kFresh).kind, ErrorKind::kUsage);
  EXPECT_THAT(Refused(Mode::kFresh).message, HasSubstr("not empty and holds no run"));
  EXPECT_FALSE(fs::exists(folder_ / "lock"));
  folder_ = folder_ / "thesis.txt";
  EXPECT_EQ(Refused(Mode::kFresh).kind, ErrorKind::kUsage);
  folder_ = folder_ / "below-a-file";
  EXPECT_THAT(Refused(Mode::kFresh).message, HasSubstr("Not a directory"));
}

TEST_F(RunTest, ARunOfAnotherSchemaIsRefused) {
  ASSERT_TRUE(Opened(Mode::kFresh)->SetNote("schema", "999"));
  EXPECT_EQ(Refused(Mode::kResume).kind, ErrorKind::kUsage);
  EXPECT_THAT(Refused(Mode::kResume).message, HasSubstr("another version of nacre (schema 999"));
}

// Schema 1 had one column for an error, its text.
TEST_F(RunTest, ARunOfSchema1IsRefusedAndNotTouched) {
  fs::create_directories(folder_);
  {
    const auto database = *store_internal::Database::Open(folder_ / "run.db");
    ASSERT_TRUE(database->Execute(R"sql(
        CREATE TABLE jobs (number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE,
          kind TEXT NOT NULL, result TEXT NOT NULL, artifacts TEXT NOT NULL, seconds REAL NOT NULL,
          error TEXT NOT NULL, finished TEXT NOT NULL DEFAULT '');
        CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL);
        INSERT INTO notes VALUES ('schema', '1');
        INSERT INTO jobs (key, kind, result, artifacts, seconds, error)
          VALUES ('k', 'train', '{}', '[]', 1, 'diverged');
      )sql"));
  }
  EXPECT_EQ(Refused(Mode::kResume).kind, ErrorKind::kUsage);
  EXPECT_THAT(Refused(Mode::kResume).message,
              HasSubstr("another version of nacre (schema 1, this one reads 2): start afresh in "
                        "another folder"));
  const auto database = *store_internal::Database::Open(folder_ / "run.db");
  auto row = *database->Prepare("SELECT error FROM jobs");
  ASSERT_TRUE(*row.Step());
  EXPECT_EQ(row.Text(0), "diverged");
}

TEST_F(RunTest, ARowThatNacreWouldNotWriteIsDamaged) {
  const auto run = Opened(Mode::kFresh);
  const auto database = *store_internal::Database::Open(folder_ / "run.db");
  for (const char* values : {"'a', 'not json', NULL, NULL", "'b', '{}', NULL, NULL",
                             "'c', '[1]', NULL, NULL", "'d', '[]', 'why', 77"}) {
    const std::string insert =
        "INSERT INTO jobs (kind, result, seconds, key, artifacts, error, error_kind) "
        "VALUES ('x', '', 0, " +
        std::string(values) + ")";
    ASSERT_TRUE(database->Execute(insert.c_str())) << values;
    const auto found = run->Find(std::string(1, values[1]));
    ASSERT_FALSE(found) << values;
    EXPECT_EQ(found.error().kind, ErrorKind::kInternal);
    EXPECT_THAT(found.error().message, HasSubstr("is damaged"));
  }
  EXPECT_FALSE(run->JobsOfKind("x"));
  EXPECT_FALSE(database->Execute(
      "INSERT INTO jobs (kind, result, seconds, key, artifacts, error, error_kind) "
      "VALUES ('x', '', 0, 'e', '[]', 'an error without a kind', NULL)"));
}

// The contract of Run: calls of several threads are taken one after the other.
TEST_F(RunTest, ThreadsMayShareARun) {
  constexpr int kThreads = 4, kJobs = 20;
  const auto run = Opened(Mode::kFresh);
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&run, t] {
      for (int i = 0; i < kJobs; ++i) {
        const std::string name = std::to_string(t) + "-" + std::to_string(i);
        const auto hash = run->PutArtifact("artifact " + name);
        ASSERT_TRUE(hash);
        ASSERT_TRUE(run->Put({.key = name, .kind = "x", .artifacts = {*hash}}));
        ASSERT_TRUE(run->LogEvent(R"({"event": "job"})"));
        ASSERT_TRUE(run->LogScalar("loss", i, 0.5));
        ASSERT_TRUE(run->SetNote("last", name));
      }
    });
  }
  threads.clear();
  const std::vector<Job> jobs = *run->JobsOfKind("x");
  ASSERT_THAT(jobs, SizeIs(kThreads * kJobs));
  for (const Job& job : jobs) EXPECT_EQ(*run->GetArtifact(job.artifacts[0]), "artifact " + job.key);
  std::ifstream events(folder_ / "events.jsonl");
  int lines = 0;
  for (std::string line; std::getline(events, line); ++lines) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
  EXPECT_EQ(lines, kThreads * kJobs);
  EXPECT_FALSE(run->Failure());
}

}  // namespace
}  // namespace nacre
