#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/version.h"
#include "pipeline/outputs.h"
#include "target/target.h"

namespace nacre {

std::vector<std::string> FindDisturbances(const MachineInfo& machine) {
  std::vector<std::string> found;
  if (machine.load > 0.5) {
    found.push_back(
        fmt::format("the load average is {:.2f}: other processes are running", machine.load));
  }
  if (!machine.governor.empty() && machine.governor != "performance") {
    found.push_back("the frequency governor is '" + machine.governor + "', not 'performance'");
  }
  if (machine.cores < 2)
    found.push_back("there is only one core: measuring shares it with the system");
  return found;
}

namespace {

std::string Int8Verdict(const MachineInfo& machine) {
  if (machine.Has("amx_int8")) return "AMX (fastest)";
  if (machine.Has("avx512_vnni") || machine.Has("avx_vnni")) return "VNNI (fast)";
  return "no VNNI: INT8 gains little over FP32, and weights have 7 bits to prevent saturation";
}

Expected<void> ShowMachine(bool as_json) {
  const MachineInfo machine = InspectMachine();
  const std::vector<std::string> disturbances = FindDisturbances(machine);
  if (as_json) {
    auto json = nlohmann::json::parse(EnvironmentJson(machine, Version()));
    json["int8"] = Int8Verdict(machine);
    json["disturbances"] = disturbances;
    fmt::print("{}\n", json.dump(2));
    return {};
  }
  fmt::print(
      "nacre         {}\nCPU           {}\ncores         {} usable\nmemory        {:.1f} GiB\n"
      "system        {}\ncompiler      {}\ninstructions  {}\nINT8          {}\n",
      Version(), machine.cpu, machine.cores, machine.memory.count / double(1 << 30), machine.os,
      machine.compiler, fmt::join(machine.instructions, " "), Int8Verdict(machine));
  for (const std::string& each : disturbances) fmt::print("disturbance   {}\n", each);
  if (disturbances.empty()) fmt::print("disturbance   none found\n");
  return {};
}

}  // namespace

void AddDoctor(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      app.add_subcommand("doctor", "show what this machine can do and what disturbs measuring");
  command->callback([&line] { line.chosen = [&line] { return ShowMachine(line.json); }; });
}

}  // namespace nacre
