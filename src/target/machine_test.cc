#include "target/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace nacre {
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

}  // namespace
}  // namespace nacre
