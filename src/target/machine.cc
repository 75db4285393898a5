#include "target/machine.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <sstream>

#include "base/hash.h"

namespace nacre {
namespace target_internal {
namespace {

namespace fs = std::filesystem;

constexpr std::array kInstructions = {"avx2",     "avx512f",     "avx512_vnni", "avx_vnni",
                                      "amx_int8", "avx512_bf16", "amx_bf16"};

std::string ReadText(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string FirstLine(const fs::path& path) {
  const std::string text = ReadText(path);
  return text.substr(0, text.find('\n'));
}

// The value of "key : value" in /proc/cpuinfo or /proc/meminfo, or of "key=value" with the
// separator
// '='. Empty when the key is not there.
std::string FindField(const std::string& text, const std::string& key, char separator) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t at = line.find(separator);
    if (at == std::string::npos || line.compare(0, key.size(), key) != 0) continue;
    if (line.find_first_not_of(" \t", key.size()) != at) continue;
    const size_t from = line.find_first_not_of(" \t\"", at + 1);
    if (from == std::string::npos) return "";
    return line.substr(from, line.find_last_not_of(" \t\"") + 1 - from);
  }
  return "";
}

// The number that a text begins with; nothing for "max" and for files that are not there.
std::optional<double> ParseNumber(const std::string& text) {
  std::istringstream stream(text);
  double number = 0;
  if (stream >> number) return number;
  return std::nullopt;
}

// "AMD EPYC (family 25, model 1, stepping 1)". Virtual machines often report a bare model name;
// the numbers identify the core.
std::string CpuName(const std::string& cpuinfo) {
  const std::string name = FindField(cpuinfo, "model name", ':');
  const std::string family = FindField(cpuinfo, "cpu family", ':');
  if (family.empty()) return name;
  return fmt::format("{} (family {}, model {}, stepping {})", name, family,
                     FindField(cpuinfo, "model", ':'), FindField(cpuinfo, "stepping", ':'));
}

// The folder of this process in a cgroup hierarchy and all folders above it, innermost first.
std::vector<fs::path> CgroupFolders(const fs::path& root, const std::string& controller) {
  std::istringstream lines(ReadText(root / "proc/self/cgroup"));
  std::string inside = "/";
  for (std::string line; std::getline(lines, line);) {  // "0::/path" or "4:cpu,cpuacct:/path"
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = fmt::format(",{},", line.substr(first + 1, second - first - 1));
    const bool mine = controller.empty() ? names == ",,"
                                         : names.find("," + controller + ",") != std::string::npos;
    if (mine) inside = line.substr(second + 1);
  }
  const fs::path base = root / "sys/fs/cgroup" / controller;
  std::vector<fs::path> folders;
  for (fs::path part = fs::path(inside).relative_path(); !part.empty(); part = part.parent_path())
    folders.push_back(base / part);
  folders.push_back(base);
  return folders;
}

// Cores of cgroup version 2: "200000 100000" or "max 100000" (microseconds of a period).
std::optional<double> QuotaOfVersion2(const fs::path& folder) {
  std::istringstream line(FirstLine(folder / "cpu.max"));
  double quota = 0, period = 0;
  if (line >> quota >> period && period > 0) return quota / period;
  return std::nullopt;
}

// Cores of cgroup version 1; a quota of -1 means that there is none.
std::optional<double> QuotaOfVersion1(const fs::path& folder) {
  const double quota = ParseNumber(FirstLine(folder / "cpu.cfs_quota_us")).value_or(0);
  const double period = ParseNumber(FirstLine(folder / "cpu.cfs_period_us")).value_or(0);
  if (quota > 0 && period > 0) return quota / period;
  return std::nullopt;
}

// The smallest quota of all ancestors, in cores; infinite when there is none.
double CpuQuota(const fs::path& root) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  double least = kNone;
  for (const fs::path& folder : CgroupFolders(root, "")) {
    least = std::min(least, QuotaOfVersion2(folder).value_or(kNone));
  }
  for (const fs::path& folder : CgroupFolders(root, "cpu")) {
    least = std::min(least, QuotaOfVersion1(folder).value_or(kNone));
  }
  return least;
}

Bytes ReadMemory(const fs::path& root) {
  const auto kilobytes = ParseNumber(FindField(ReadText(root / "proc/meminfo"), "MemTotal", ':'));
  double least = kilobytes ? *kilobytes * 1024 : 0;
  const auto limit = [&](const std::optional<double>& bytes) {
    if (bytes && (least == 0 || *bytes < least)) least = *bytes;
  };
  for (const fs::path& folder : CgroupFolders(root, ""))
    limit(ParseNumber(FirstLine(folder / "memory.max")));
  for (const fs::path& folder : CgroupFolders(root, "memory"))
    limit(ParseNumber(FirstLine(folder / "memory.limit_in_bytes")));
  return {static_cast<int64_t>(least)};
}

}  // namespace

MachineInfo ReadMachine(const fs::path& root, int schedulable_cores) {
  MachineInfo machine;
  const std::string cpuinfo = ReadText(root / "proc/cpuinfo");
  machine.cpu = CpuName(cpuinfo);
  std::istringstream flags(FindField(cpuinfo, "flags", ':'));
  const std::set<std::string> known{std::istream_iterator<std::string>(flags), {}};
  for (const char* instruction : kInstructions)
    if (known.count(instruction)) machine.instructions.push_back(instruction);

  const double quota = CpuQuota(root);
  machine.cores = schedulable_cores;
  if (quota < schedulable_cores) machine.cores = std::max(1, static_cast<int>(std::floor(quota)));
  machine.memory = ReadMemory(root);
  machine.governor = FirstLine(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  machine.load = ParseNumber(FirstLine(root / "proc/loadavg")).value_or(0);
  machine.os = FindField(ReadText(root / "etc/os-release"), "PRETTY_NAME", '=');
  if (const std::string kernel = FirstLine(root / "proc/sys/kernel/osrelease"); !kernel.empty())
    machine.os += (machine.os.empty() ? "Linux " : ", Linux ") + kernel;
  return machine;
}

}  // namespace target_internal

MachineInfo InspectMachine() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  MachineInfo machine = target_internal::ReadMachine("/", cores);
  machine.compiler = target_internal::CompilerVersion();
  return machine;
}

bool MachineInfo::Has(const std::string& instruction) const {
  return std::find(instructions.begin(), instructions.end(), instruction) != instructions.end();
}

std::string Fingerprint(const MachineInfo& machine, const Target& target) {
  Hasher hasher;
  hasher.Add(machine.cpu).Add(machine.compiler).Add(target.ToString());
  for (const std::string& instruction : machine.instructions) hasher.Add(instruction);
  return hasher.Digest();
}

}  // namespace nacre
