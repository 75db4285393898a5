// ssh:// targets: the built binary as both ends, with programs in the place of ssh that carry, cut
// and refuse.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/cli_fixture.h"

namespace nacre {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class RemoteTest : public CliTest {
 protected:
  // A program that is called as ssh is; "$*" is the command for the other side once options and
  // host are gone.
  static std::string Ssh(const std::string& name, const std::string& script) {
    Write(name, "#!/bin/bash\nwhile [[ $1 == -* ]]; do shift; done\nshift\n" + script + "\n");
    fs::permissions(Path(name), fs::perms::owner_all);
    return Path(name);
  }

  static ProcessResult Bench(const std::string& ssh, const std::string& program = NACRE_BINARY,
                             const std::string& target = "ssh://box/cpu:fp32") {
    auto result =
        RunProcess({.arguments = {NACRE_BINARY, "bench", Path("model.onnx"), "--target", target,
                                  "-t", "0.2", "--json"},
                    .environment = {"NACRE_SSH=" + ssh, "NACRE_REMOTE_PROGRAM=" + program},
                    .timeout = Seconds(60)});
    EXPECT_TRUE(result);
    return *result;
  }

  static void ExpectMeasured(const ProcessResult& result) {
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_GT(nlohmann::json::parse(result.output)[0]["latency_ms"].get<double>(), 0);
  }
};

TEST_F(RemoteTest, MeasuresOnTheOtherSide) {
  ExpectMeasured(Bench(Ssh("carry", "echo \"$*\" >> " + Path("commands") + "; exec sh -c \"$*\"")));
  std::ifstream commands(Path("commands"));
  const std::string text(std::istreambuf_iterator<char>(commands), {});
  EXPECT_THAT(text, HasSubstr("agent --protocol 1 --describe"));
  EXPECT_THAT(text, HasSubstr("agent --protocol 1 --memory"));
}

TEST_F(RemoteTest, ALostLinkIsTakenUpAgain) {
  // The second call, which measures, loses the link in the middle of its answer.
  const std::string cut = "n=$(cat " + Path("calls") +
                          " 2>/dev/null || echo 0); echo $((n + 1)) > " + Path("calls") +
                          "; if ((n == 1)); then sh -c \"$*\" | head -c 30; echo 'Connection "
                          "reset' >&2; exit 255; fi; exec sh -c \"$*\"";
  const ProcessResult result = Bench(Ssh("cut", cut));
  ExpectMeasured(result);
  EXPECT_THAT(result.errors, HasSubstr("Connection reset"));
}

TEST_F(RemoteTest, AMachineThatCannotBeReachedIsNamedWithTheCure) {
  const ProcessResult result = Bench(
      Ssh("refuse", "echo 'ssh: connect to host box port 22: Connection refused' >&2; exit 255"));
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.errors, HasSubstr("target machine box"));
  EXPECT_THAT(result.errors, HasSubstr("Connection refused"));
}

TEST_F(RemoteTest, AMachineWithoutNacreIsNamedWithTheCure) {
  const ProcessResult result = Bench(Ssh("plain", "exec sh -c \"$*\""), "/no/such/nacre");
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.errors, HasSubstr("install nacre there"));
}

TEST_F(RemoteTest, AChattyLoginShellIsAnError) {
  const ProcessResult result = Bench(Ssh("chatty", "echo 'Welcome to box!'; exec sh -c \"$*\""));
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.errors, HasSubstr("must print nothing"));
}

TEST_F(RemoteTest, AnotherProtocolIsRefused) {
  const auto result =
      RunProcess({.arguments = {NACRE_BINARY, "agent", "--protocol", "999", "--describe"}});
  EXPECT_EQ(result->exit_code, 5);
  EXPECT_THAT(result->errors, HasSubstr("same version on both machines"));
}

TEST_F(RemoteTest, ARequestThatIsNoneIsRefused) {
  const auto result =
      RunProcess({.arguments = {NACRE_BINARY, "agent", "--protocol", "1"}, .input = "no frames"});
  EXPECT_NE(result->exit_code, 0);
  EXPECT_EQ(result->output, "");
}

TEST_F(RemoteTest, AHostThatSshWouldTakeForAnOptionIsRefused) {
  for (const char* target : {"ssh://-oProxyCommand=x/cpu:int8", "ssh://a;b/cpu:int8",
                             "ssh:///cpu:int8", "ssh://a:x/cpu", "http://a/cpu"}) {
    EXPECT_EQ(Bench("false", NACRE_BINARY, target).exit_code, 2) << target;
  }
}

}  // namespace
}  // namespace nacre
