// Remote targets without a second machine: a script in the place of ssh. tests/cli_remote_test.cc
// runs the built binary as both ends.
#include "target/remote.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "target/wire.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RemoteTarget : public ::testing::Test {
 protected:
  RemoteTarget() {
    std::string name = (fs::temp_directory_path() / "nacre-remote-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    unsetenv("NACRE_SSH");
    unsetenv("NACRE_REMOTE_PROGRAM");
  }
  ~RemoteTarget() override {
    fs::remove_all(folder_);
    unsetenv("NACRE_SSH");
    unsetenv("NACRE_REMOTE_PROGRAM");
  }

  // From now on a shell script takes the place of ssh; it gets ssh's arguments.
  void ReplaceSsh(const std::string& script) const {
    std::ofstream(folder_ / "ssh") << script;
    setenv("NACRE_SSH", ("/bin/sh " + (folder_ / "ssh").string()).c_str(), 1);
  }

  static Target TargetOn(const std::string& host) {
    const auto target = Target::Parse("ssh://" + host + "/cpu:fp32");
    return target ? *target : Target{};
  }

  Error InspectionError() const {
    const auto machine = InspectTarget(TargetOn("box"));
    return machine ? Error{ErrorKind::kInternal, "inspected"} : machine.error();
  }

  std::string Read(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  // What the agent on the other machine writes; `code` is its exit code.
  std::string Serve(const AgentOptions& options, const std::string& request, int& code) const {
    std::ofstream(folder_ / "request") << request;
    const int input = open((folder_ / "request").c_str(), O_RDONLY);
    const int output = open((folder_ / "answer").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    code = ServeAgent(options, input, output);
    close(input);
    close(output);
    return Read("answer");
  }

  fs::path folder_;
};

TEST_F(RemoteTarget, ThisMachineIsMeasuredByThisProgram) {
  const ChildLimits limits = LimitsFor(Target{});
  EXPECT_EQ(limits.program, "/proc/self/exe");
  EXPECT_THAT(limits.arguments, ElementsAre("measure"));
  EXPECT_EQ(limits.reconnects, 0);
}

TEST_F(RemoteTarget, AnotherMachineIsMeasuredThroughSsh) {
  const ChildLimits limits = LimitsFor(TargetOn("user@board:2222"));
  EXPECT_EQ(limits.program, "ssh");
  EXPECT_THAT(limits.arguments,
              ElementsAre("-T", "-oBatchMode=yes", "-oConnectTimeout=10",
                          "-oServerAliveInterval=15", "-oServerAliveCountMax=3", "-p2222",
                          "user@board", "nacre agent --protocol 1 --memory 8589934592"));
  EXPECT_GT(limits.reconnects, 0);
  EXPECT_GT(limits.timeout, LimitsFor(Target{}).timeout);  // the transfer comes on top
}

TEST_F(RemoteTarget, TheDefaultPortIsLeftToSsh) {
  const auto arguments = LimitsFor(TargetOn("board")).arguments;
  ASSERT_EQ(arguments.size(), 7u);
  EXPECT_EQ(arguments[5], "board");
}

TEST_F(RemoteTarget, TheEnvironmentReplacesBothPrograms) {
  setenv("NACRE_SSH", "  ssh -F none  -i key ", 1);
  setenv("NACRE_REMOTE_PROGRAM", "/opt/nacre", 1);
  const ChildLimits limits = LimitsFor(TargetOn("board"));
  EXPECT_EQ(limits.program, "ssh");
  EXPECT_THAT(std::vector<std::string>(limits.arguments.begin(), limits.arguments.begin() + 5),
              ElementsAre("-F", "none", "-i", "key", "-T"));
  EXPECT_THAT(limits.arguments.back(), HasSubstr("/opt/nacre agent --protocol 1"));
  setenv("NACRE_SSH", "", 1);  // as if it were not set
  EXPECT_EQ(LimitsFor(TargetOn("board")).program, "ssh");
}

TEST_F(RemoteTarget, TheAgentDescribesItsMachineAndTheCallerReadsIt) {
  int code = -1;
  Serve({.protocol = target_internal::kWireProtocol, .describe = true}, "", code);
  ASSERT_EQ(code, 0);
  ReplaceSsh("echo \"$@\" > " + (folder_ / "called").string() + "\ncat " +
             (folder_ / "answer").string());
  const auto there = InspectTarget(TargetOn("box"));
  ASSERT_TRUE(there) << there.error().message;
  const MachineInfo here = InspectMachine();
  EXPECT_EQ(there->cpu, here.cpu);
  EXPECT_EQ(there->os, here.os);
  EXPECT_EQ(there->compiler, here.compiler);
  EXPECT_EQ(there->governor, here.governor);
  EXPECT_EQ(there->cores, here.cores);
  EXPECT_EQ(there->memory, here.memory);
  EXPECT_EQ(there->instructions, here.instructions);
  EXPECT_EQ(Fingerprint(*there, {}), Fingerprint(here, {}));
  EXPECT_THAT(Read("called"), HasSubstr(" box nacre agent --protocol 1 --describe"));
}

TEST_F(RemoteTarget, WhatCannotBeReadIsAnErrorWithARemedy) {
  int code = -1;
  const std::string answer =
      Serve({.protocol = target_internal::kWireProtocol, .describe = true}, "", code);
  ReplaceSsh("echo Welcome; cat " + (folder_ / "answer").string());
  EXPECT_EQ(InspectionError().kind, ErrorKind::kTarget);
  EXPECT_THAT(InspectionError().message, HasSubstr("its login shell must print nothing"));
  std::ofstream(folder_ / "answer") << answer.substr(0, answer.size() / 2);
  ReplaceSsh("cat " + (folder_ / "answer").string());
  EXPECT_THAT(InspectionError().message, HasSubstr("cannot be read"));
  ReplaceSsh("exit 0");
  EXPECT_THAT(InspectionError().message, HasSubstr("cannot be read"));
  // A frame that is whole, but too short for a description.
  std::ofstream(folder_ / "answer") << target_internal::FrameWriter().Put(1).Frame();
  ReplaceSsh("cat " + (folder_ / "answer").string());
  EXPECT_THAT(InspectionError().message, HasSubstr("cannot be read"));
}

TEST_F(RemoteTarget, AMachineThatCannotServeIsNamedWithARemedy) {
  ReplaceSsh("echo 'first line' >&2; echo 'Connection refused' >&2; exit 255");
  EXPECT_EQ(InspectionError().kind, ErrorKind::kTarget);
  EXPECT_THAT(InspectionError().message,
              AllOf(HasSubstr("target machine box: Connection refused"), HasSubstr("log in")));
  ReplaceSsh("exit 127");
  EXPECT_THAT(InspectionError().message,
              AllOf(HasSubstr("no message"), HasSubstr("install nacre there"),
                    HasSubstr("NACRE_REMOTE_PROGRAM")));
  setenv("NACRE_SSH", "/no/such/ssh", 1);
  EXPECT_FALSE(InspectTarget(TargetOn("box")));
}

TEST_F(RemoteTarget, TheAgentRefusesAnotherProtocolAndALongRequest) {
  int code = -1;
  EXPECT_EQ(Serve({.protocol = 999, .describe = true}, "", code), "");
  EXPECT_EQ(code, static_cast<int>(ErrorKind::kTarget));
  EXPECT_EQ(Serve({.protocol = target_internal::kWireProtocol, .most_input = Bytes{10}},
                  "eleven byte", code),
            "");
  EXPECT_EQ(code, static_cast<int>(ErrorKind::kTarget));
}

}  // namespace
}  // namespace nacre
