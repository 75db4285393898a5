#include "target/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nacre {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Error ParseError(const std::string& text) {
  const auto target = Target::Parse(text);
  if (!target) return target.error();
  ADD_FAILURE() << text << " was read as " << target->ToString();
  return {};
}

TEST(Target, ReadsItsOwnForm) {
  const auto target = Target::Parse("cpu:bf16,threads=4,batch=8");
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(target->device, "cpu");
  EXPECT_EQ(target->precision, Precision::kBf16);
  EXPECT_EQ(target->threads, 4);
  EXPECT_EQ(target->batch, 8);
  EXPECT_EQ(target->ToString(), "cpu:bf16,threads=4,batch=8");
}

TEST(Target, FillsInWhatIsNotSaid) {
  EXPECT_EQ(Target::Parse("cpu")->ToString(), "cpu:int8,threads=1,batch=1");
  EXPECT_EQ(Target::Parse("cpu,batch=2")->ToString(), "cpu:int8,threads=1,batch=2");
  EXPECT_EQ(Target::Parse("cpu:fp32")->ToString(), "cpu:fp32,threads=1,batch=1");
}

TEST(Target, NamesWhatIsWrongAndWhatIsKnown) {
  EXPECT_THAT(ParseError("gpu").message,
              AllOf(HasSubstr("unknown device 'gpu'"), HasSubstr("known: cpu")));
  EXPECT_THAT(ParseError("cpu:int9").message, HasSubstr("did you mean int8?"));
  EXPECT_THAT(ParseError("cpu:f32").message, HasSubstr("did you mean fp32?"));
  EXPECT_THAT(ParseError("cpu,thread=2").message, HasSubstr("did you mean threads?"));
  EXPECT_THAT(ParseError("cpu,threads=two").message, HasSubstr("threads of the target is 'two'"));
  EXPECT_THAT(ParseError("cpu,batch=1,batch=2").message, HasSubstr("'batch=2' repeats"));
  for (const char* text : {"", ":int8", "cpu:", "cpu:int8:fp32", "cpu,", "cpu,threads",
                           "cpu,threads=0", "cpu,threads=-1", "cpu,threads=2x",
                           "cpu,batch=99999999999999999999", "cpu threads=2", "cpu:INT8"}) {
    const Error error = ParseError(text);
    EXPECT_EQ(error.kind, ErrorKind::kUsage) << text;
    EXPECT_THAT(error.message, HasSubstr("cpu:int8,threads=1,batch=1")) << text;
  }
}

TEST(Target, ReadsAMachineBehindSsh) {
  for (const char* text : {"ssh://board/cpu:int8,threads=2,batch=1",
                           "ssh://user@board.local:2222/cpu:fp32,threads=1,batch=8"}) {
    const auto target = Target::Parse(text);
    ASSERT_TRUE(target) << target.error().message;
    EXPECT_EQ(target->ToString(), text);
  }
  EXPECT_EQ(Target::Parse("ssh://user@board/cpu")->host, "user@board");
}

TEST(Target, AHostThatIsNoneIsRefused) {
  for (const char* text : {"ssh://", "ssh://board", "ssh:///cpu", "ssh://-oProxyCommand=x/cpu",
                           "ssh://a b/cpu", "ssh://a;b/cpu", "ssh://board:/cpu",
                           "ssh://board:ab/cpu", "ssh://:22/cpu", "http://board/cpu"}) {
    const Error error = ParseError(text);
    EXPECT_EQ(error.kind, ErrorKind::kUsage) << text;
    EXPECT_THAT(error.message, HasSubstr("ssh://host/cpu:int8")) << text;
  }
  EXPECT_EQ(ParseError("ssh://board/gpu").kind, ErrorKind::kUsage);
}

TEST(Target, IsCheckedAgainstTheMachine) {
  MachineInfo machine{.cpu = "Tiny", .instructions = {"avx2"}, .cores = 2};
  EXPECT_TRUE(CheckServes(machine, {.threads = 2}));
  const auto threads = CheckServes(machine, {.threads = 3});
  ASSERT_FALSE(threads);
  EXPECT_EQ(threads.error().kind, ErrorKind::kTarget);
  EXPECT_THAT(threads.error().message, HasSubstr("use threads=2 or less"));

  const Target bf16{.precision = Precision::kBf16};
  ASSERT_FALSE(CheckServes(machine, bf16));
  EXPECT_THAT(CheckServes(machine, bf16).error().message, HasSubstr("Tiny"));
  machine.instructions.push_back("amx_bf16");
  EXPECT_TRUE(CheckServes(machine, bf16));
}

TEST(Fingerprint, ChangesWithEverythingThatLatencyDependsOn) {
  const MachineInfo machine{.cpu = "A", .compiler = "C 1", .instructions = {"avx2"}, .cores = 2};
  const std::string base = Fingerprint(machine, {});
  MachineInfo other = machine;
  other.load = 3;
  other.governor = "performance";
  EXPECT_EQ(Fingerprint(other, {}), base);
  other = machine;
  other.cpu = "B";
  EXPECT_NE(Fingerprint(other, {}), base);
  other = machine;
  other.compiler = "C 2";
  EXPECT_NE(Fingerprint(other, {}), base);
  other = machine;
  other.instructions.push_back("avx_vnni");
  EXPECT_NE(Fingerprint(other, {}), base);
  EXPECT_NE(Fingerprint(machine, {.threads = 2}), base);
}

TEST(Precision, ItsNameReadsBack) {
  for (const Precision precision : {Precision::kInt8, Precision::kBf16, Precision::kFp32})
    EXPECT_EQ(ParsePrecision(PrecisionName(precision)), precision);
  EXPECT_EQ(PrecisionName(Precision::kBf16), "bf16");
  EXPECT_EQ(ParsePrecision("int4"), std::nullopt);
  EXPECT_EQ(ParsePrecision("INT8"), std::nullopt);
  EXPECT_EQ(ParsePrecision(""), std::nullopt);
}

}  // namespace
}  // namespace nacre
