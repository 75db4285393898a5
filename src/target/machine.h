// Reading this machine from /proc and /sys, with the root as an argument so that tests can fake it.
// Private to target/. Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "target/target.h"

namespace nacre::target_internal {

// Everything but `compiler`. What cannot be read is left empty (0 for numbers); it never fails.
// Cores: those this process may be scheduled on, or fewer when a cgroup (v2 or v1, any ancestor)
// has a smaller CPU quota. Memory: of the machine, or less when a cgroup limits it.
MachineInfo ReadMachine(const std::filesystem::path& root, int schedulable_cores);

// "OpenVINO 2026.4.1-..."; implemented beside the compiler.
std::string CompilerVersion();

}  // namespace nacre::target_internal
