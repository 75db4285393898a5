// A disk that fills up during a run. A limit on the size of files stands for it: writing fails
// there, and nowhere before.
#include <gmock/gmock.h>

#include "tests/cli_fixture.h"

namespace nacre {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class FullDisk : public CliTest {
 protected:
  static ProcessResult NacreWithin(const std::string& kibibytes,
                                   std::vector<std::string> arguments) {
    arguments.insert(
        arguments.begin(),
        {"bash", "-c", "ulimit -f " + kibibytes + "; exec \"$0\" \"$@\"", NACRE_BINARY});
    const auto result =
        RunProcess({.arguments = arguments, .environment = Environment(), .timeout = Seconds(120)});
    EXPECT_TRUE(result);
    return *result;
  }

  static int JobsDone() {
    std::ifstream events(Path("run/events.jsonl"));
    int jobs = 0;
    for (std::string line; std::getline(events, line);)
      jobs += line.find("\"event\":\"job\"") != std::string::npos;
    return jobs;
  }
};

// The original and the teacher (about 1100 KiB each) fit; a group of candidates does not.
TEST_F(FullDisk, EndsWithTheReasonAndLosesNothing) {
  ASSERT_TRUE(WriteOnnx(CifarResNet(3, 16, 4, 1), Path("large.onnx")));
  const ProcessResult full =
      NacreWithin("1400", {"optimize", Path("large.onnx"), "--data", Path("data"), "--out",
                           Path("run"), "--budget", "2m", "--max-drop", "50%"});
  EXPECT_EQ(full.exit_code, 1) << full.errors;
  EXPECT_THAT(full.errors, HasSubstr("File too large"));
  EXPECT_THAT(full.errors, HasSubstr(Path("run")));
  for (const auto& file : fs::recursive_directory_iterator(Path("run"))) {
    EXPECT_NE(file.path().extension(), ".tmp") << file.path();
  }
  const int before = JobsDone();
  EXPECT_GT(before, 0);
  EXPECT_EQ(Nacre({"status", Path("run")}).exit_code, 0);
  // It would go on for two minutes: a job that it has done is enough.
  const auto resumed = RunProcess({.arguments = {NACRE_BINARY, "resume", Path("run")},
                                   .environment = Environment(),
                                   .timeout = Seconds(120),
                                   .cancelled = [&] { return JobsDone() > before; }});
  ASSERT_TRUE(resumed);
  EXPECT_TRUE(resumed->cancelled) << resumed->errors;
}

}  // namespace
}  // namespace nacre
