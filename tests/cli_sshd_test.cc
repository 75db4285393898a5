// ssh:// targets through a real sshd: on the loopback, and on a second host, in a network
// namespace, whose link is cut.
#include <future>
#include <nlohmann/json.hpp>

#include "tests/cli_fixture.h"
#include "tests/ssh_server.h"

namespace nacre {
namespace {

class SshdTest : public CliTest {
 protected:
  static ProcessResult Bench(const SshServer& server, const std::string& seconds) {
    auto result = RunProcess({.arguments = {NACRE_BINARY, "bench", Path("model.onnx"), "--target",
                                            server.Target(), "-t", seconds, "--json"},
                              .environment = {"NACRE_SSH=" + server.Client(),
                                              std::string("NACRE_REMOTE_PROGRAM=") + NACRE_BINARY},
                              .timeout = Seconds(100)});
    EXPECT_TRUE(result);
    return *result;
  }

  static void ExpectMeasured(const ProcessResult& result) {
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_GT(nlohmann::json::parse(result.output)[0]["latency_ms"].get<double>(), 0);
  }
};

TEST_F(SshdTest, OnTheLoopback) {
  const SshServer server(Path("loopback"), "127.0.0.1");
  if (!server.why_not().empty()) GTEST_SKIP() << server.why_not();
  ExpectMeasured(Bench(server, "0.2"));
  EXPECT_EQ(server.Logins(), 2);  // to ask what the machine is, and to measure
}

TEST_F(SshdTest, OnASecondHost) {
  const NetworkNamespace host;
  if (!host.why_not().empty()) GTEST_SKIP() << host.why_not();
  const SshServer server(Path("host"), NetworkNamespace::kAddress, host.Within());
  if (!server.why_not().empty()) GTEST_SKIP() << server.why_not();
  ExpectMeasured(Bench(server, "0.2"));
  EXPECT_EQ(server.Logins(), 2);

  // The link is cut while the host measures, and mended once that has been noticed.
  auto measuring = std::async(std::launch::async, [&] { return Bench(server, "3"); });
  ASSERT_TRUE(server.WaitForLogins(4));
  ASSERT_TRUE(host.Link(false));
  std::this_thread::sleep_for(std::chrono::seconds(4));
  ASSERT_TRUE(host.Link(true));
  const ProcessResult result = measuring.get();
  ExpectMeasured(result);
  EXPECT_NE(result.errors.find("the link to the target is lost"), std::string::npos)
      << result.errors;
  EXPECT_EQ(server.Logins(), 5);
}

}  // namespace
}  // namespace nacre
