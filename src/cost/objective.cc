#include "cost/objective.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace nacre {
namespace {

constexpr std::array<std::pair<Objective, const char*>, 4> kNames = {{
    {Objective::kLatency, "latency"},
    {Objective::kThroughput, "throughput"},
    {Objective::kSize, "size"},
    {Objective::kMemory, "memory"},
}};

}  // namespace

double Of(Objective objective, const Usage& usage) {
  switch (objective) {
    case Objective::kSize:
      return usage.size;
    case Objective::kMemory:
      return usage.memory;
    case Objective::kLatency:
    case Objective::kThroughput:
      break;
  }
  return usage.latency;
}

std::string Name(Objective objective) {
  for (const auto& [each, name] : kNames) {
    if (each == objective) return name;
  }
  return {};
}

Expected<Objective> ParseObjective(const std::string& name) {
  for (const auto& [each, known] : kNames) {
    if (name == known) return each;
  }
  return Fail(ErrorKind::kUsage,
              fmt::format("'{}' is not a valid objective: it must be latency, throughput, size or "
                          "memory",
                          name));
}

bool MinimisesTime(Objective objective) {
  return objective == Objective::kLatency || objective == Objective::kThroughput;
}

}  // namespace nacre
