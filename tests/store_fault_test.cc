// What happens to a run when the world fails it: kills, full and read-only disks, damaged files.
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

// A child that puts jobs from `first` on and reports each number after its Put has returned.
struct Writer {
  pid_t pid = -1;
  int reports = -1;
};

Writer StartWriter(const fs::path& folder, Mode mode, int first) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t pid = fork();
  if (pid == 0) {
    auto run = Run::Open(folder, mode);
    if (!run) _exit(1);
    for (int number = first;; ++number) {
      const auto artifact = (*run)->PutArtifact(Payload(number));
      if (!artifact || !(*run)->Put(NumberedJob(number, *artifact))) _exit(2);
      if (write(ends[1], &number, sizeof number) != sizeof number) _exit(3);
    }
  }
  close(ends[1]);
  return {pid, ends[0]};
}

// Kills it; returns the number of the last job that it reported, or `before` when of none.
int Kill(const Writer& writer, int before) {
  kill(writer.pid, SIGKILL);
  int status = 0;
  waitpid(writer.pid, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself, step " << WEXITSTATUS(status);
  int last = before;
  for (int number; read(writer.reports, &number, sizeof number) == sizeof number;) last = number;
  close(writer.reports);
  return last;
}

TEST_F(StoreFault, AKillAtAnyMomentLosesAtMostTheJobUnderWay) {
  ASSERT_TRUE(Run::Open(folder_, Mode::kFresh));
  int finished = 0;  // jobs 1..finished are there
  for (int round = 0; round < 12; ++round) {
    const Writer writer = StartWriter(folder_, Mode::kResume, finished + 1);
    int number = 0;  // wait for a first report, then kill at an arbitrary moment
    ASSERT_EQ(read(writer.reports, &number, sizeof number), static_cast<ssize_t>(sizeof number));
    std::this_thread::sleep_for(std::chrono::microseconds(317 * round * round));
    const int reported = Kill(writer, number);

    auto run = Run::Open(folder_, Mode::kResume);  // the lock of the dead is no obstacle
    ASSERT_TRUE(run) << run.error().message;
    const auto jobs = (*run)->JobsOfKind("trial");
    ASSERT_TRUE(jobs) << jobs.error().message;
    finished = static_cast<int>(jobs->size());
    // One more when it was killed between its commit and its report.
    EXPECT_THAT(finished, AnyOf(reported, reported + 1));
    for (int i = 0; i < finished; ++i) {
      const Job& job = (*jobs)[static_cast<size_t>(i)];
      EXPECT_EQ(job.key, "job" + std::to_string(i + 1));
      EXPECT_EQ((*run)->GetArtifact(job.artifacts.at(0)).value_or("lost"), Payload(i + 1));
      ASSERT_EQ(job.error.has_value(), (i + 1) % 3 == 0) << job.key;
      if (!job.error) continue;
      EXPECT_EQ(job.error->kind, ErrorKind::kTarget);
      EXPECT_EQ(job.error->message, "crashed " + std::to_string(i + 1));
    }
    for (const auto& entry : fs::directory_iterator(folder_ / "artifacts")) {
      EXPECT_NE(entry.path().extension(), ".tmp");
      EXPECT_TRUE((*run)->GetArtifact(entry.path().filename().string())) << "half-written";
    }
  }
  EXPECT_GE(finished, 12);
  EXPECT_EQ(IntegrityCheck(), "ok");
}

TEST_F(StoreFault, ALivingOwnerIsNamedAndADeadOneForgotten) {
  const Writer writer = StartWriter(folder_, Mode::kFresh, 1);
  int number = 0;
  ASSERT_EQ(read(writer.reports, &number, sizeof number), static_cast<ssize_t>(sizeof number));
  const auto refused = Run::Open(folder_, Mode::kResume);
  Kill(writer, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUsage);
  EXPECT_THAT(refused.error().message,
              HasSubstr("in use by process " + std::to_string(writer.pid)));
  EXPECT_TRUE(Run::Open(folder_, Mode::kResume));
}

TEST_F(StoreFault, AKillBeforeTheDatabaseIsThereCanBeStartedAfresh) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "lock") << "4711\n";
  EXPECT_TRUE(Run::Open(folder_, Mode::kFresh));
}

TEST_F(StoreFault, AFullDiskIsSaidAndAfterMakingRoomTheRunGoesOn) {
  if (!Mount("size=2m")) GTEST_SKIP() << "no right to mount";
  auto run = Run::Open(folder_, Mode::kFresh);
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_TRUE((*run)->Put({.key = "before", .kind = "trial"}));
  std::vector<std::string> stored;
  Error failure;
  while (stored.size() < 100) {
    const auto hash = (*run)->PutArtifact(Payload(static_cast<int>(stored.size())));
    if (!hash) failure = hash.error();
    if (!hash) break;
    stored.push_back(*hash);
  }
  EXPECT_EQ(failure.kind, ErrorKind::kInternal);
  EXPECT_THAT(failure.message, HasSubstr("No space left on device: free some space"));
  EXPECT_THAT(failure.message, HasSubstr((folder_ / "artifacts").string()));
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "artifacts")) {
    EXPECT_TRUE((*run)->GetArtifact(entry.path().filename().string())) << "half-written";
    ++files;
  }
  EXPECT_EQ(files, static_cast<int>(stored.size()));

  int put = 0;
  for (failure = {}; failure.message.empty() && put < 1000; ++put) {
    const auto done = (*run)->Put(NumberedJob(put, stored[0]));
    if (!done) failure = done.error();
  }
  EXPECT_EQ(failure.kind, ErrorKind::kInternal);
  EXPECT_THAT(failure.message, HasSubstr("run.db"));
  EXPECT_THAT(failure.message, HasSubstr("free some space"));
  EXPECT_FALSE((*run)->LogEvent("{\"text\":\"" + std::string(100000, 'x') + "\"}"));

  fs::remove(folder_ / "artifacts" / stored.back());
  const auto again = (*run)->Put({.key = "after", .kind = "trial"});
  EXPECT_TRUE(again) << again.error().message;
  run->reset();
  run = Run::Open(folder_, Mode::kResume);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE((*run)->Find("before")->has_value());
  EXPECT_TRUE((*run)->Find("after")->has_value());
  EXPECT_EQ((*run)->JobsOfKind("trial")->size(), static_cast<size_t>(put - 1 + 2));
  EXPECT_EQ(IntegrityCheck(), "ok");
}

TEST_F(StoreFault, ADiskFullFromTheStartIsSaid) {
  if (!Mount("size=64k")) GTEST_SKIP() << "no right to mount";
  std::ofstream(base_ / "filler") << std::string(1 << 20, 'x');
  const auto run = Run::Open(folder_, Mode::kFresh);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::kInternal);
  EXPECT_THAT(run.error().message, HasSubstr("free some space"));
}

// While it lives no file of this process may become longer than `bytes`.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit tight = before_;
    tight.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &tight);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_;
};

TEST_F(StoreFault, AFileThatMayNotGrowIsSaidAndLeavesTheOldOne) {
  ASSERT_TRUE(WriteFileAtomically(base_ / "front.json", "old"));
  Expected<void> written;
  {
    const FileSizeLimit limit(1000);
    written = WriteFileAtomically(base_ / "front.json", std::string(5000, 'x'));
  }
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("front.json: File too large"));
  EXPECT_EQ(fs::file_size(base_ / "front.json"), 3u);
  EXPECT_EQ(std::distance(fs::directory_iterator(base_), {}), 1);
}

// The disk takes the first part of a line: that is an error, and the next line is whole.
TEST_F(StoreFault, AnEventThatTheDiskCutsIsSaidAndEndedBeforeTheNext) {
  auto run = Run::Open(folder_, Mode::kFresh);
  ASSERT_TRUE((*run)->LogEvent(R"({"event": "first"})"));
  Expected<void> cut;
  {
    const FileSizeLimit limit(200);
    cut = (*run)->LogEvent("{\"text\":\"" + std::string(1000, 'x') + "\"}");
  }
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error().message, HasSubstr("events.jsonl"));
  EXPECT_THAT(cut.error().message, HasSubstr("free some space"));
  EXPECT_EQ(fs::file_size(folder_ / "events.jsonl"), 200u);
  run->reset();
  run = Run::Open(folder_, Mode::kResume);
  ASSERT_TRUE((*run)->LogEvent(R"({"event": "after"})"));
  std::ifstream file(folder_ / "events.jsonl");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], HasSubstr("\"event\":\"first\"}"));
  EXPECT_THAT(lines[2], HasSubstr("\"event\":\"after\"}"));
}

TEST_F(StoreFault, TheFirstFailureIsKept) {
  auto run = Run::Open(folder_, Mode::kFresh);
  EXPECT_FALSE((*run)->Failure());
  {
    const FileSizeLimit limit(1000);
    EXPECT_FALSE((*run)->PutArtifact(Payload(1)));
    EXPECT_FALSE((*run)->LogEvent("{\"text\":\"" + std::string(2000, 'x') + "\"}"));
  }
  EXPECT_TRUE((*run)->PutArtifact(Payload(1)));  // there is room again
  ASSERT_TRUE((*run)->Failure());
  EXPECT_EQ((*run)->Failure()->kind, ErrorKind::kInternal);
  EXPECT_THAT((*run)->Failure()->message, HasSubstr("artifacts"));
  for (const auto& entry : fs::directory_iterator(folder_ / "artifacts")) {
    EXPECT_NE(entry.path().extension(), ".tmp");
  }
}

// A measuring child that outlives a killed run must not keep the folder locked.
TEST_F(StoreFault, AProgramThatTheOwnerStartedDoesNotInheritTheLock) {
  auto run = Run::Open(folder_, Mode::kFresh);
  ASSERT_TRUE(run);
  const pid_t child = fork();
  if (child == 0) {
    execlp("sleep", "sleep", "60", nullptr);
    _exit(127);
  }
  // After exec, which closes the lock, the child's command line is another.
  for (std::string program; program.find("sleep") != 0;) {
    std::ifstream file("/proc/" + std::to_string(child) + "/cmdline");
    std::getline(file, program);
  }
  run->reset();
  const auto again = Run::Open(folder_, Mode::kResume);
  EXPECT_TRUE(again) << again.error().message;
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST_F(StoreFault, ArtifactsThatAKilledWriterLeftHalfWrittenAreRemoved) {
  ASSERT_TRUE((*Run::Open(folder_, Mode::kFresh))->PutArtifact("whole"));
  std::ofstream(folder_ / "artifacts" / "0123.4711-0.tmp") << "half";
  auto run = Run::Open(folder_, Mode::kResume);
  ASSERT_TRUE(run);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "artifacts"), {}), 1);
  EXPECT_EQ(*(*run)->GetArtifact(HashBytes("whole")), "whole");
}

TEST_F(StoreFault, AReadOnlyDiskIsSaid) {
  if (!Mount("size=4m")) GTEST_SKIP() << "no right to mount";
  ASSERT_TRUE(Run::Open(folder_, Mode::kFresh));
  ASSERT_EQ(mount(nullptr, base_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  for (const fs::path& folder : {folder_, base_ / "new"}) {
    const auto run = Run::Open(folder, folder == folder_ ? Mode::kResume : Mode::kFresh);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().kind, ErrorKind::kInternal);
    EXPECT_THAT(run.error().message, HasSubstr(folder.string()));
    EXPECT_THAT(run.error().message, HasSubstr("Read-only file system: choose a folder"));
  }
  EXPECT_THAT(WriteFileAtomically(base_ / "x", "y").error().message, HasSubstr("Read-only"));
}

TEST_F(StoreFault, AFolderWithoutTheRightToWriteIsSaid) {
  // Root may write anywhere, but for what the kernel itself refuses.
  const fs::path folder = getuid() == 0 ? "/proc/nacre-run" : base_ / "closed" / "run";
  if (getuid() != 0) {
    fs::create_directories(base_ / "closed");
    chmod((base_ / "closed").c_str(), 0500);
  }
  const auto run = Run::Open(folder, Mode::kFresh);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::kInternal);
  EXPECT_THAT(run.error().message, HasSubstr("cannot write " + folder.string()));
}

}  // namespace
}  // namespace nacre
