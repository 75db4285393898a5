#include "target/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace nacre::target_internal {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

// A root folder with some files in it.
class FakeRoot : public ::testing::Test {
 protected:
  FakeRoot() {
    std::string name = (fs::temp_directory_path() / "nacre-root-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~FakeRoot() override { fs::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  fs::path root_;
};

TEST_F(FakeRoot, ReadsTheCpu) {
  Write("proc/cpuinfo",
        "processor\t: 0\ncpu family\t: 6\nmodel\t\t: 143\nmodel name\t: Xeon X\nstepping\t: 8\n"
        "flags\t\t: fpu avx2 avx512f avx512_vnni amx_int8 avx512_vnnix\n"
        "processor\t: 1\nmodel name\t: Other\n");
  Write("proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\n");
  Write("proc/loadavg", "1.25 0.5 0.1 1/200 33\n");
  Write("etc/os-release", "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  Write("proc/sys/kernel/osrelease", "6.1.0\n");
  Write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  const MachineInfo machine = ReadMachine(root_, 4);
  EXPECT_EQ(machine.cpu, "Xeon X (family 6, model 143, stepping 8)");
  EXPECT_THAT(machine.instructions, ElementsAre("avx2", "avx512f", "avx512_vnni", "amx_int8"));
  EXPECT_TRUE(machine.Has("amx_int8"));
  EXPECT_FALSE(machine.Has("amx_bf16"));
  EXPECT_EQ(machine.cores, 4);
  EXPECT_EQ(machine.memory.count, 16384 * 1024);
  EXPECT_EQ(machine.governor, "powersave");
  EXPECT_DOUBLE_EQ(machine.load, 1.25);
  EXPECT_EQ(machine.os, "Debian GNU/Linux 12 (bookworm), Linux 6.1.0");
}

TEST_F(FakeRoot, NothingToReadIsNoFailure) {
  const MachineInfo machine = ReadMachine(root_, 3);
  EXPECT_EQ(machine.cpu, "");
  EXPECT_EQ(machine.cores, 3);
  EXPECT_EQ(machine.memory.count, 0);
}

TEST_F(FakeRoot, QuotaOfVersion2CountsOnEveryLevel) {
  Write("proc/self/cgroup", "0::/a/b\n");
  Write("proc/meminfo", "MemTotal: 8000 kB\n");
  Write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  Write("sys/fs/cgroup/a/cpu.max", "250000 100000\n");
  Write("sys/fs/cgroup/a/memory.max", "1000\n");
  Write("sys/fs/cgroup/a/b/memory.max", "max\n");
  EXPECT_EQ(ReadMachine(root_, 8).cores, 2);
  EXPECT_EQ(ReadMachine(root_, 1).cores, 1);
  EXPECT_EQ(ReadMachine(root_, 8).memory.count, 1000);
}

TEST_F(FakeRoot, QuotaOfVersion1) {
  Write("proc/self/cgroup", "5:memory:/m\n4:cpu,cpuacct:/docker/x\n");
  Write("sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us", "50000\n");
  Write("sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us", "100000\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  Write("sys/fs/cgroup/memory/m/memory.limit_in_bytes", "4096\n");
  EXPECT_EQ(ReadMachine(root_, 8).cores, 1);  // never less than one
  EXPECT_EQ(ReadMachine(root_, 8).memory.count, 4096);
}

TEST_F(FakeRoot, ACpuWithoutANameOrFamily) {
  Write("proc/cpuinfo", "processor : 0\nmodel name : Board 3\nflags :\n");
  EXPECT_EQ(ReadMachine(root_, 1).cpu, "Board 3");
  EXPECT_TRUE(ReadMachine(root_, 1).instructions.empty());
  Write("proc/cpuinfo", "processor : 0\nmodel name :\nCPU implementer : 0x41\n");
  EXPECT_EQ(ReadMachine(root_, 1).cpu, "");
}

// Instructions are whole words, and have one order whatever the kernel's is.
TEST_F(FakeRoot, InstructionsAreWordsInAFixedOrder) {
  Write("proc/cpuinfo", "flags : amx_bf16 avx512_bf16 xavx2 avx2x avx_vnni avx512f\n");
  EXPECT_THAT(ReadMachine(root_, 1).instructions,
              ElementsAre("avx512f", "avx_vnni", "avx512_bf16", "amx_bf16"));
}

TEST_F(FakeRoot, TheSystemIsNamedByWhatThereIs) {
  Write("proc/sys/kernel/osrelease", "6.1.0-rt\n");
  EXPECT_EQ(ReadMachine(root_, 1).os, "Linux 6.1.0-rt");
  fs::remove(root_ / "proc/sys/kernel/osrelease");
  Write("etc/os-release", "PRETTY_NAME=Alpine\nNAME=\"x\"\n");
  EXPECT_EQ(ReadMachine(root_, 1).os, "Alpine");
}

TEST_F(FakeRoot, NumbersThatAreNoneCountAsUnknown) {
  Write("proc/meminfo", "MemTotal: much kB\n");
  Write("proc/loadavg", "heavy\n");
  Write("proc/self/cgroup", "no colons\n0::/\n");
  Write("sys/fs/cgroup/cpu.max", "many few\n");
  const MachineInfo machine = ReadMachine(root_, 2);
  EXPECT_EQ(machine.memory.count, 0);
  EXPECT_EQ(machine.load, 0);
  EXPECT_EQ(machine.cores, 2);
}

TEST_F(FakeRoot, AQuotaIsRoundedDownButNeverToNothing) {
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/cpu.max", "390000 100000\n");
  EXPECT_EQ(ReadMachine(root_, 8).cores, 3);
  Write("sys/fs/cgroup/cpu.max", "10000 100000\n");
  EXPECT_EQ(ReadMachine(root_, 8).cores, 1);
  Write("sys/fs/cgroup/cpu.max", "1600000 100000\n");  // more than there is
  EXPECT_EQ(ReadMachine(root_, 8).cores, 8);
  Write("sys/fs/cgroup/cpu.max", "100000 0\n");  // no division by zero
  EXPECT_EQ(ReadMachine(root_, 8).cores, 8);
}

}  // namespace
}  // namespace nacre::target_internal
