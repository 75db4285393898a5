// What happens to a run whose files are damaged, altered, of another version or links.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <thread>

#include "base/hash.h"
#include "store/run.h"
#include "store/write_file.h"
#include "tests/store_fault.h"

namespace nacre {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

TEST_F(StoreFault, ADamagedDatabaseIsSaidAndNotTouched) {
  {
    auto run = Run::Open(folder_, Mode::kFresh);
    for (int i = 0; i < 40; ++i)
      ASSERT_TRUE((*run)->Put(NumberedJob(i, *(*run)->PutArtifact("a"))));
  }
  const auto size = fs::file_size(folder_ / "run.db");
  fs::copy(folder_ / "run.db", base_ / "good.db");
  const std::vector<std::function<void(const fs::path&)>> damages = {
      [](const fs::path& path) { std::ofstream(path) << std::string(9000, 'z'); },
      [&](const fs::path& path) { fs::resize_file(path, size / 2); },
      [](const fs::path& path) { fs::resize_file(path, 50); },
      [](const fs::path& path) {
        std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(100)
            << std::string(4000, '\xee');
      }};
  for (size_t i = 0; i < damages.size(); ++i) {
    fs::copy_file(base_ / "good.db", folder_ / "run.db", fs::copy_options::overwrite_existing);
    damages[i](folder_ / "run.db");
    std::string message = "all is well";
    const auto run = Run::Open(folder_, Mode::kResume);
    if (!run) {
      message = run.error().message;
    } else if (const auto jobs = (*run)->JobsOfKind("trial"); !jobs) {
      message = jobs.error().message;
    }
    EXPECT_THAT(message, HasSubstr("run.db")) << "damage " << i;
    EXPECT_THAT(message, HasSubstr("damaged")) << "damage " << i;
  }
}

TEST_F(StoreFault, AnEmptyDatabaseAmongResultsIsSaid) {
  {
    auto run = Run::Open(folder_, Mode::kFresh);
    ASSERT_TRUE((*run)->Put(NumberedJob(1, *(*run)->PutArtifact("a"))));
    ASSERT_TRUE((*run)->LogEvent("{}"));
  }
  const std::vector<std::function<void()>> losses = {
      [&] { fs::resize_file(folder_ / "run.db", 0); },
      [&] {
        fs::remove(folder_ / "run.db");
        sqlite3* database = nullptr;  // a database of nothing, not a file of nothing
        sqlite3_open((folder_ / "run.db").c_str(), &database);
        sqlite3_exec(database, "CREATE TABLE other (x); DROP TABLE other", nullptr, nullptr,
                     nullptr);
        sqlite3_close(database);
      }};
  for (const auto& lose : losses) {
    lose();
    const auto run = Run::Open(folder_, Mode::kResume);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().kind, ErrorKind::kInternal);
    EXPECT_THAT(run.error().message, HasSubstr("run.db: it is empty"));
    EXPECT_THAT(run.error().message, HasSubstr("restore it, or start afresh"));
    EXPECT_TRUE(fs::exists(folder_ / "artifacts" / HashBytes("a")));
  }
}

// A start that was killed before anything was stored.
TEST_F(StoreFault, AnEmptyDatabaseAndNothingElseBeginsAgain) {
  fs::create_directories(folder_ / "artifacts");
  std::ofstream(folder_ / "run.db");
  std::ofstream(folder_ / "lock") << "1\n";
  auto run = Run::Open(folder_, Mode::kResume);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE((*run)->SetNote("spent", "0"));
}

TEST_F(StoreFault, ADatabaseOfANewerSchemaIsRefusedAndNotChanged) {
  { ASSERT_TRUE((*Run::Open(folder_, Mode::kFresh))->SetNote("schema", "99")); }
  sqlite3* database = nullptr;
  sqlite3_open((folder_ / "run.db").c_str(), &database);
  ASSERT_EQ(sqlite3_exec(database, "DROP TABLE jobs", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  const auto run = Run::Open(folder_, Mode::kResume);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::kUsage);
  EXPECT_THAT(run.error().message, HasSubstr("schema 99, this one reads 2"));
  EXPECT_THAT(run.error().message, HasSubstr("use that version"));
  sqlite3_open((folder_ / "run.db").c_str(), &database);
  EXPECT_NE(sqlite3_exec(database, "SELECT * FROM jobs", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

TEST_F(StoreFault, ATableThatAnotherProgramChangedIsSaid) {
  { ASSERT_TRUE(Run::Open(folder_, Mode::kFresh)); }
  sqlite3* database = nullptr;
  sqlite3_open((folder_ / "run.db").c_str(), &database);
  ASSERT_EQ(sqlite3_exec(database, "ALTER TABLE jobs RENAME COLUMN result TO outcome", nullptr,
                         nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  auto run = Run::Open(folder_, Mode::kResume);
  std::string message = run ? "all is well" : run.error().message;
  if (run) {
    const auto jobs = (*run)->JobsOfKind("trial");
    if (!jobs) message = jobs.error().message;
  }
  EXPECT_THAT(message, HasSubstr("run.db"));
  EXPECT_THAT(message, HasSubstr("start afresh in another folder"));
}

TEST_F(StoreFault, AnAlteredArtifactIsSaidAndWrittenAgainWhenItIsMadeAgain) {
  auto run = Run::Open(folder_, Mode::kFresh);
  const std::string hash = *(*run)->PutArtifact("abcd");
  const std::vector<std::string> alterations = {"abce", "abc", "", "abcde"};
  for (const std::string& altered : alterations) {
    std::ofstream(folder_ / "artifacts" / hash) << altered;
    const auto got = (*run)->GetArtifact(hash);
    ASSERT_FALSE(got);
    EXPECT_THAT(got.error().message, HasSubstr("is damaged"));
    EXPECT_EQ(*(*run)->PutArtifact("abcd"), hash);
    EXPECT_EQ(*(*run)->GetArtifact(hash), "abcd");
  }
}

// A folder from a stranger must not lead the run to write elsewhere.
TEST_F(StoreFault, NothingIsWrittenThroughLinks) {
  { ASSERT_TRUE((*Run::Open(folder_, Mode::kFresh))->LogEvent("{}")); }
  std::ofstream(base_ / "victim") << "precious";
  const auto precious = [&] {
    std::ifstream file(base_ / "victim");
    std::string text;
    std::getline(file, text);
    return text == "precious";
  };
  for (const char* name : {"lock", "run.db-wal", "run.db-shm", "tensorboard"}) {
    fs::remove_all(folder_ / name);
    fs::create_symlink(base_ / "victim", folder_ / name);
    const auto run = Run::Open(folder_, Mode::kResume);
    ASSERT_FALSE(run) << name;
    EXPECT_THAT(run.error().message, HasSubstr(name));
    EXPECT_THAT(run.error().message, HasSubstr("symbolic link; remove it"));
    EXPECT_TRUE(precious()) << name;
    fs::remove(folder_ / name);
  }
  fs::remove(folder_ / "events.jsonl");
  fs::create_symlink(base_ / "victim", folder_ / "events.jsonl");
  auto run = Run::Open(folder_, Mode::kResume);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_FALSE((*run)->LogEvent("{}"));
  EXPECT_TRUE(precious());
  run->reset();
  fs::remove_all(folder_ / "artifacts");
  fs::create_directories(base_ / "elsewhere");
  fs::create_directory_symlink(base_ / "elsewhere", folder_ / "artifacts");
  EXPECT_FALSE(Run::Open(folder_, Mode::kResume));
  EXPECT_TRUE(fs::is_empty(base_ / "elsewhere"));
}

}  // namespace
}  // namespace nacre
