#include "data/free_memory.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace nacre::data_internal {
namespace {

std::optional<int64_t> ReadNumber(const char* path) {
  std::ifstream file(path);
  int64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;
}

}  // namespace

std::optional<Bytes> FreeMemory() {
  std::optional<Bytes> free;
  std::ifstream meminfo("/proc/meminfo");
  std::string name, unit;
  for (int64_t kibibytes = 0; meminfo >> name >> kibibytes && std::getline(meminfo, unit);) {
    if (name == "MemAvailable:") free = Bytes{kibibytes * 1024};
  }
  const auto limit = ReadNumber("/sys/fs/cgroup/memory.max");  // "max" when there is none
  const auto used = ReadNumber("/sys/fs/cgroup/memory.current");
  if (limit && used) {
    const Bytes left{std::max<int64_t>(0, *limit - *used)};
    free = free ? std::min(*free, left) : left;
  }
  return free;
}

}  // namespace nacre::data_internal
