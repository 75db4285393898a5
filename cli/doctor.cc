#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/version.h"
#include "pipeline/outputs.h"
#include "target/target.h"

namespace nacre {
namespace {

std::vector<std::string> Disturbances(const MachineInfo& machine) {
  std::vector<std::string> found;
  if (machine.load > 0.5) {
    found.push_back(fmt::format("load average is {:.2f}: other processes run here", machine.load));
  }
  if (!machine.governor.empty() && machine.governor != "performance") {
    found.push_back("frequency governor is '" + machine.governor + "', not 'performance'");
  }
  if (machine.cores < 2) found.push_back("one core only: measuring shares it with the system");
  return found;
}

std::string Int8Verdict(const MachineInfo& machine) {
  if (machine.Has("amx_int8")) return "AMX (fastest)";
  if (machine.Has("avx512_vnni") || machine.Has("avx_vnni")) return "VNNI (fast)";
  return "no VNNI: INT8 gains little over FP32, weights are kept to 7 bits against saturation";
}

}  // namespace

void AddDoctor(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      app.add_subcommand("doctor", "what this machine can do, and what disturbs measuring");
  command->callback([&line] {
    line.chosen = [&line]() -> Expected<void> {
      const MachineInfo machine = InspectMachine();
      const auto disturbed = Disturbances(machine);
      if (line.json) {
        auto json = nlohmann::json::parse(EnvironmentJson(machine, Version()));
        json["int8"] = Int8Verdict(machine);
        json["disturbances"] = disturbed;
        fmt::print("{}\n", json.dump(2));
        return {};
      }
      fmt::print(
          "nacre         {}\nCPU           {}\ncores         {} usable\nmemory        {:.1f} GiB\n"
          "system        {}\ncompiler      {}\ninstructions  {}\nINT8          {}\n",
          Version(), machine.cpu, machine.cores, machine.memory.count / double(1 << 30), machine.os,
          machine.compiler, fmt::join(machine.instructions, " "), Int8Verdict(machine));
      for (const std::string& each : disturbed) fmt::print("disturbance   {}\n", each);
      if (disturbed.empty()) fmt::print("disturbance   none found\n");
      return {};
    };
  });
}

}  // namespace nacre
