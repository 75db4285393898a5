#include "base/subprocess.h"

#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

namespace nacre {
namespace {

using ::testing::HasSubstr;

ProcessOptions Shell(const std::string& script) { return {.arguments = {"/bin/sh", "-c", script}}; }

int OpenDescriptors() {
  int count = 0;
  DIR* folder = opendir("/proc/self/fd");
  while (readdir(folder)) ++count;
  closedir(folder);
  return count;
}

TEST(RunProcess, CapturesBothStreamsAndTheExitCode) {
  auto result = RunProcess(Shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->errors, "err\n");
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_FALSE(result->ok());
  EXPECT_EQ(result->Outcome(), "exit code 3");
}

TEST(RunProcess, PassesMegabytesThrough) {
  ProcessOptions options{.arguments = {"cat"}, .input = std::string(3 << 20, 'x') + "end"};
  auto result = RunProcess(options);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->ok());
  EXPECT_EQ(result->output, options.input);
}

TEST(RunProcess, AChildThatNeverReadsItsInputIsNoProblem) {
  ProcessOptions options{.arguments = {"true"}, .input = std::string(1 << 20, 'x')};
  auto result = RunProcess(options);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->ok());
}

TEST(RunProcess, DropsOutputBeyondTheLimit) {
  ProcessOptions options{
      .arguments = {"cat"}, .input = std::string(1 << 20, 'x'), .most_output = {1000}};
  auto result = RunProcess(options);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->ok());
  EXPECT_EQ(result->output, std::string(1000, 'x'));
}

TEST(RunProcess, SetsTheEnvironmentOverTheCallersOwn) {
  setenv("NACRE_TEST_A", "old", 1);
  setenv("NACRE_TEST_AB", "kept", 1);
  ProcessOptions options = Shell("echo $NACRE_TEST_A $NACRE_TEST_AB");
  options.environment = {"NACRE_TEST_A=new"};
  EXPECT_EQ(RunProcess(options)->output, "new kept\n");
}

TEST(RunProcess, KillsTheWholeGroupAtTheTimeout) {
  ProcessOptions options = Shell("sleep 30 & echo $!; wait");
  options.timeout = Seconds(1);
  auto result = RunProcess(options);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->timed_out);
  EXPECT_EQ(result->signal, SIGKILL);
  EXPECT_LT(result->seconds.count(), 25);
  EXPECT_THAT(result->Outcome(), HasSubstr("timed out after"));
  const pid_t grandchild = std::stoi(result->output);
  for (int i = 0; i < 1000 && kill(grandchild, 0) == 0; ++i) {  // init reaps it in its own time
    const std::string stat = "/proc/" + std::to_string(grandchild) + "/stat";
    if (RunProcess({.arguments = {"cat", stat}})->output.find(") Z") != std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_NE(kill(grandchild, 0), 0);
}

TEST(RunProcess, DoesNotWaitForWhatTheChildLeftBehind) {
  auto result = RunProcess(Shell("sleep 30 & echo done"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "done\n");
  EXPECT_LT(result->seconds.count(), 25);
}

TEST(RunProcess, KillsWhatTakesTooMuchMemory) {
  // The shell keeps the growing string; each turn is slow enough for the watch to see it.
  ProcessOptions options = Shell("x=0123456789abcdef; while :; do x=$x$x; sleep 0.05; done");
  options.most_memory = Bytes{40 << 20};
  options.timeout = Seconds(20);
  auto result = RunProcess(options);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->out_of_memory) << result->Outcome();
  EXPECT_GT(result->peak_memory.count, 40 << 20);
}

TEST(RunProcess, ReportsTheSignalOfACrash) {
  auto result = RunProcess(Shell("kill -SEGV $$"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->signal, SIGSEGV);
  EXPECT_FALSE(result->ok());
  EXPECT_EQ(result->Outcome(), "killed by signal 11 (Segmentation fault)");
}

TEST(RunProcess, StopsWhenCancelled) {
  ProcessOptions options = Shell("sleep 30");
  int asked = 0;
  options.cancelled = [&] { return ++asked == 3; };
  auto result = RunProcess(options);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->cancelled);
  EXPECT_FALSE(result->ok());
}

TEST(RunProcess, AProgramThatIsNotThereIsAnError) {
  auto result = RunProcess({.arguments = {"/nowhere/nacre-none"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "cannot start /nowhere/nacre-none: No such file or directory");
}

TEST(RunProcess, LeaksNoDescriptorEitherWay) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);  // not close-on-exec: the child must not see it
  const int before = OpenDescriptors();
  auto result = RunProcess(Shell("ls /proc/self/fd | wc -l"));
  ASSERT_FALSE(RunProcess({.arguments = {"/nowhere/nacre-none"}}));
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_EQ(std::stoi(result->output), 4);  // 0, 1, 2 and the folder that ls reads
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST(RunProcess, NoProgramIsABrokenContract) { EXPECT_THROW(RunProcess({}), std::logic_error); }

}  // namespace
}  // namespace nacre
